import itertools

import pytest
import torch

from bundlert.inferers.simple import SimpleInferer
from bundlert.inferers.sliding_window import SlidingWindowInferer, importance, window_starts


def test_windows_are_those_of_the_published_table():
    starts = window_starts((100, 96, 50), (48, 48, 48), 0.25)
    assert starts == ((0, 36, 52), (0, 36, 48), (0, 2))
    assert len(list(itertools.product(*starts))) == 18


@pytest.mark.parametrize("size", range(1, 40))
@pytest.mark.parametrize("overlap", [0, 0.25, 0.5, 0.9])
def test_windows_cover_every_voxel_and_stay_inside(size, overlap):
    roi = min(size, 7)
    (starts,) = window_starts((size,), (roi,), overlap)
    assert set(range(size)) == {start + step for start in starts for step in range(roi)}
    assert max(starts) + roi == size
    assert len(set(starts)) == len(starts)


@pytest.mark.parametrize("mode", ["constant", "gaussian"])
@pytest.mark.parametrize("shape", [(13,), (9, 17), (6, 9, 8), (3, 4, 20)])
def test_the_identity_gives_the_image_back(mode, shape):
    image = torch.rand(2, 3, *shape)
    inferer = SlidingWindowInferer([5] * len(shape), 4, 0.5, mode)
    torch.testing.assert_close(inferer(lambda windows: windows, image), image, atol=1e-6, rtol=0)


def test_the_blend_is_the_weighted_mean_of_all_windows_that_cover_a_voxel():
    image, roi = torch.rand(1, 1, 7, 6), (4, 3)
    network = lambda windows: windows.cumsum(dim=2)  # noqa: E731 (not local: windows matter)
    result = SlidingWindowInferer(roi, 3, 0.5, "gaussian")(network, image)
    weight = importance(roi, "gaussian", 0.125).double()
    sums, weights = torch.zeros(7, 6).double(), torch.zeros(7, 6).double()
    for x, y in itertools.product(*window_starts((7, 6), roi, 0.5)):
        window = network(image[:, :, x : x + 4, y : y + 3])[0, 0].double()
        for i, j in itertools.product(range(4), range(3)):
            sums[x + i, y + j] += window[i, j] * weight[i, j]
            weights[x + i, y + j] += weight[i, j]
    torch.testing.assert_close(result[0, 0].double(), sums / weights, atol=1e-6, rtol=0)


def test_the_gaussian_is_the_one_of_its_formula():
    weight = importance((5, 4), "gaussian", 0.25)
    for i, j in itertools.product(range(5), range(4)):
        expected = torch.tensor(-0.5 * (((i - 2) / 1.25) ** 2 + ((j - 1.5) / 1.0) ** 2)).exp().clamp(min=1e-3)
        assert weight[i, j].item() == pytest.approx(expected.item(), rel=1e-5)


def test_a_network_may_give_other_channels():
    result = SlidingWindowInferer((4, 4))(lambda windows: windows.repeat(1, 5, 1, 1), torch.rand(1, 1, 6, 6))
    assert result.shape == (1, 5, 6, 6)


def test_windows_of_several_images_share_a_batch():
    sizes = []

    def network(windows):
        sizes.append(len(windows))
        return windows

    SlidingWindowInferer((4, 4), sw_batch_size=3, overlap=0)(network, torch.rand(2, 1, 8, 8))
    assert sizes == [3, 3, 2]


def test_a_lone_volume_window_is_run_as_two_on_a_cpu():
    sizes = []

    def network(windows):
        sizes.append(len(windows))
        return windows

    image = torch.rand(1, 1, 4, 4, 8)
    result = SlidingWindowInferer((4, 4, 4), sw_batch_size=1, overlap=0)(network, image)
    assert sizes == [2, 2]
    torch.testing.assert_close(result, image)


@pytest.mark.parametrize("whole", [None, 0, -1])
def test_a_window_may_be_the_whole_axis(whole):
    seen = []
    SlidingWindowInferer((4, whole))(lambda windows: seen.append(windows.shape) or windows, torch.rand(1, 1, 8, 9))
    assert seen[0][2:] == (4, 9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"overlap": 1.0}, "overlap must be >= 0 and < 1, got 1.0"),
        ({"mode": "gauss"}, "mode must be one of constant, gaussian, got 'gauss'"),
        ({"padding_mode": "zero"}, "padding_mode must be one of"),
        ({"sw_batch_size": 0}, "sw_batch_size must be >= 1, got 0"),
    ],
)
def test_wrong_arguments_are_told(options, message):
    with pytest.raises(ValueError, match=message):
        SlidingWindowInferer((4, 4), **options)


def test_a_window_of_other_dimensions_is_told():
    with pytest.raises(ValueError, match=r"roi_size must have 3 values, got \(4, 4\)"):
        SlidingWindowInferer((4, 4))(lambda windows: windows, torch.zeros(1, 1, 4, 4, 4))


def test_the_simple_inferer_is_the_network():
    image = torch.rand(1, 1, 4)
    assert SimpleInferer()(torch.nn.Identity(), image) is image
