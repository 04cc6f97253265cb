import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bundlert.images.grid import Grid
from bundlert.images.image import Bend, Image
from bundlert.transforms.label.likeliest import likeliest
from bundlert.transforms.lazy import realize, wish

SHAPE = (9, 8, 7)


def scores(seed, classes=3, spread=0.6, shape=SHAPE):
    """Probabilities where classes but the first are the largest in few places."""
    made = torch.from_numpy(np.random.default_rng(seed).normal(size=(classes, *shape))).float()
    made[0] += 4 * spread
    return (made / spread).softmax(0)


def image_of(data):
    return Image(data, Grid(tuple(data.shape[1:]), np.diag([1.0, 1.5, 2.0, 1.0])))


def grid_near(seed):
    """Another grid: turned, other spacings, somewhat beside."""
    rng = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    affine = np.eye(4)
    affine[:3, :3] = turned @ np.diag(rng.uniform(0.5, 3, 3))
    affine[:3, 3] = np.array([4, 6, 6]) - affine[:3, :3] @ np.array([4, 4, 4]) + rng.uniform(-2, 2, 3)
    return Grid((9, 10, 8), affine)


def plainly(image):
    return realize(image).data.argmax(0, keepdim=True)


@given(st.integers(0, 10**6), st.sampled_from(["bilinear", "nearest"]), st.sampled_from(["zeros", "border", 0.5]))
def test_it_is_what_resampling_everything_gives(seed, mode, padding):
    image = wish(image_of(scores(seed, 2 + seed % 3)), grid_near(seed), mode=mode, padding=padding)
    made = likeliest(image)
    assert torch.equal(made.data, plainly(image))
    assert (made.data.dtype, made.wanted, made.grid) == (torch.uint8, None, image.target)


@given(st.integers(0, 10**6))
def test_one_voxel_reaches_as_far_as_interpolation_takes_it(seed):
    rng = np.random.default_rng(seed)
    data = torch.zeros(2, *SHAPE)
    data[0] = 0.01
    data[(1, *(int(rng.integers(size)) for size in SHAPE))] = 1
    image = wish(image_of(data), grid_near(seed), mode="bilinear", padding="zeros")
    assert torch.equal(likeliest(image).data, plainly(image))


def test_of_equal_channels_the_first_wins():
    image = wish(image_of(torch.full((3, *SHAPE), 0.3)), grid_near(1), mode="bilinear", padding="zeros")
    assert not likeliest(image).data.any()


def test_what_is_no_number_counts_as_it_does_elsewhere():
    data = scores(0)
    data[2, 3, 4, 5] = float("nan")
    image = wish(image_of(data), grid_near(2), mode="bilinear", padding="zeros")
    assert torch.equal(likeliest(image).data, plainly(image))


def test_without_a_wish_and_bent_it_is_the_same():
    image = image_of(scores(3))
    assert torch.equal(likeliest(image).data, plainly(image))
    bend = Bend(image.grid, torch.rand(3, 3, 3, 3) * 2)
    bent = wish(image, grid_near(4), mode="bilinear", padding="zeros", bend=bend)
    assert torch.equal(likeliest(bent).data, plainly(bent))


def test_only_the_part_is_resampled(monkeypatch):
    asked = []

    def noted(image):
        asked.append(image.target.shape)
        return realize(image)

    monkeypatch.setattr("bundlert.transforms.label.likeliest.realize", noted)
    data = torch.zeros(2, 30, 30, 30)
    data[1, 5:8, 5:8, 5:8] = 1
    image = image_of(data)
    wanted = Grid((60, 60, 60), image.grid.affine @ np.diag([0.5, 0.5, 0.5, 1]))
    made = likeliest(wish(image, wanted, mode="bilinear", padding="zeros"))
    assert int(made.data.sum()) > 5**3
    assert [max(shape) for shape in asked] == [pytest.approx(10, abs=2)]


def test_on_a_plane():
    image = wish(
        Image(scores(5, 3, shape=(9, 8)), Grid((9, 8), np.eye(3))),
        Grid((12, 5), np.array([[0.7, 0.1, 0], [0.1, 1.4, 1], [0, 0, 1]])),
        mode="bilinear",
        padding="zeros",
    )
    assert torch.equal(likeliest(image).data, plainly(image))
