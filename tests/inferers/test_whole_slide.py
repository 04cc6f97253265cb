import numpy as np
import pytest
import torch
from inferers.tiny import ONNXRUNTIME, OPENVINO, Remembering, needs

from bundlert.images.slides.opening import open_slide
from bundlert.inferers.slide_tiles import Picture
from bundlert.inferers.whole_slide import WholeSlideInferer
from bundlert.progress import shown_by


class Mean(torch.nn.Module):
    """The mean of the first channel's inner pixels."""

    def __init__(self, gain=1.0):
        super().__init__()
        self.gain = gain

    def forward(self, tiles):
        return tiles[:, :1].mean(dim=(2, 3)) * self.gain


def picture(size=(200, 137)):
    return torch.randint(0, 256, (3, *size), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


def brute_force(pixels, patch, stride):
    """The sigmoid of the mean of each tile, scaled to -1..1, one by one in float64."""
    margin = patch
    padded = torch.nn.functional.pad(pixels, (margin,) * 4, value=255).double() / 127.5 - 1
    size = [-(-length // stride) for length in pixels.shape[1:]]
    found = torch.zeros(1, *size)
    for x in range(size[0]):
        for y in range(size[1]):
            begin = [margin + at * stride + (stride - patch) // 2 for at in (x, y)]
            tile = padded[0, begin[0] : begin[0] + patch, begin[1] : begin[1] + patch]
            found[0, x, y] = torch.sigmoid(tile.mean())
    return found


@pytest.mark.parametrize(("patch", "stride"), [(24, 16), (16, 16), (7, 16), (32, 5)])
@pytest.mark.parametrize(("batch", "block"), [(1, 1), (13, 3), (1000, 100)])
def test_the_map_doesnt_depend_on_how_tiles_are_grouped(patch, stride, batch, block):
    inferer = WholeSlideInferer(patch, stride, batch_size=batch, block_size=block)
    found = inferer(Mean().eval(), Picture(picture((60, 41))))
    torch.testing.assert_close(found, brute_force(picture((60, 41)), patch, stride), atol=1e-6, rtol=1e-6)


def test_a_slide_in_a_file_is_read_level_by_level(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    pixels = picture((512, 384))
    levels = [pixels, pixels[:, ::4, ::4]]
    with tifffile.TiffWriter(tmp_path / "slide.tif") as writer:
        for number, level in enumerate(levels):
            writer.write(
                np.ascontiguousarray(level.permute(2, 1, 0).numpy()),
                tile=(64, 64),
                photometric="rgb",
                subfiletype=number,  # the second is a reduced one
            )
    with open_slide(tmp_path / "slide.tif") as slide:
        for number, level in enumerate(levels):
            found = WholeSlideInferer(48, 32, number)(Mean().eval(), slide)
            torch.testing.assert_close(found, brute_force(level, 48, 32), atol=1e-6, rtol=1e-6)


def test_tiles_outside_of_the_mask_are_neither_read_nor_computed():
    count = []

    def network(tiles):
        count.append(len(tiles))
        return tiles[:, :1].mean(dim=(2, 3))

    mask = torch.zeros(4, 3)
    mask[1, 2] = mask[3, 0] = 1
    found = WholeSlideInferer(16, 16, background=-1)(network, Picture(picture((64, 48))), mask)
    expected = brute_force(picture((64, 48)), 16, 16)
    assert torch.equal(found == -1, (mask == 0)[None])
    torch.testing.assert_close(found[found != -1], expected[found != -1], atol=1e-6, rtol=1e-6)
    assert sum(count) == 2


def test_a_mask_may_be_of_a_level_whose_size_was_rounded_down():
    mask = torch.ones(12, 8)  # 200 / 16 = 12.5, 137 / 16 = 8.6
    found = WholeSlideInferer(16, 16)(Mean().eval(), Picture(picture()), mask)
    torch.testing.assert_close(found, brute_force(picture(), 16, 16)[:, :12, :8], atol=1e-6, rtol=1e-6)


def test_an_empty_mask_gives_an_empty_map():
    found = WholeSlideInferer(16, 16)(Mean(), Picture(picture((32, 32))), torch.zeros(2, 2))
    assert found.tolist() == [[[0, 0], [0, 0]]]


def test_classes_may_share_their_probability_and_images_have_maps_of_their_own():
    images = torch.stack([picture((32, 16)), picture((32, 16)).flip(1)])
    network = lambda tiles: torch.cat([tiles.mean((2, 3)), tiles.amax((2, 3))], dim=1)[:, :, None, None]  # noqa: E731
    found = WholeSlideInferer(16, 16, activation="softmax", scale=None)(network, images)
    assert found.shape == (2, 6, 2, 1)
    torch.testing.assert_close(found.sum(1), torch.ones(2, 2, 1))
    torch.testing.assert_close(found[0], found[1].flip(1))


def test_progress_is_told_if_it_is_wanted():
    display = Remembering()
    with shown_by(display):
        WholeSlideInferer(16, 16, progress=True)(Mean(), Picture(picture((64, 48))))
    assert display.tasks == [("tiles", 12, "tile")]


@pytest.mark.parametrize(
    "backend",
    [pytest.param("onnxruntime", marks=needs(*ONNXRUNTIME)), pytest.param("openvino", marks=needs(*OPENVINO))],
)
def test_another_backend_gives_the_same_map(backend):
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1)).eval()
    plain, other = (WholeSlideInferer(16, 16, batch_size=5, backend=one) for one in ("eager", backend))
    slide = Picture(picture((64, 48)))
    torch.testing.assert_close(other(network, slide), plain(network, slide), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patch_size": 0}, "patch_size must be >= 1, got 0"),
        ({"block_size": -1}, "block_size must be >= 1, got -1"),
        ({"activation": "relu"}, "activation must be sigmoid, softmax or null, got 'relu'"),
        ({"backend": "tensorrt"}, "backend must be one of"),
    ],
)
def test_wrong_arguments_are_told(options, message):
    with pytest.raises(ValueError, match=message):
        WholeSlideInferer(**options)


def test_a_level_that_isnt_there_is_told():
    with pytest.raises(ValueError, match="level must be 0 to 0, got 3"):
        WholeSlideInferer(level=3)(Mean(), Picture(picture()))


def test_a_mask_of_another_size_is_told():
    with pytest.raises(ValueError, match=r"mask must have the map's size \[13, 9\], got \[9, 13\]"):
        WholeSlideInferer(16, 16)(Mean(), Picture(picture()), torch.ones(9, 13))


def test_a_network_that_gives_a_map_for_each_tile_is_told():
    with pytest.raises(
        ValueError, match=r"a network must give \[N, K\] for tiles \[N, C, X, Y\], got \(64, 3, 16, 16\)"
    ):
        WholeSlideInferer(16, 16)(lambda tiles: tiles, Picture(picture()))
