import threading

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.inferers.slide_tiles import Picture, Tiling, tile_batches


def colours(width, height):
    return torch.arange(3 * width * height).view(3, width, height).remainder(251).to(torch.uint8)


class Watched(Picture):
    """A picture that remembers what was read, and claims to be level 1 of a larger one."""

    def __init__(self, pixels, downsample=1.0):
        super().__init__(pixels)
        self.read, self.threads = [], set()
        self.level_downsamples = (downsample,)

    def read_region(self, location, level, size):
        self.threads.add(threading.current_thread().name)
        self.read.append((tuple(location), tuple(size)))
        place = [int(at // self.level_downsamples[level]) for at in location]
        return super().read_region(place, level, size)


@settings(deadline=None)
@given(
    st.tuples(st.integers(1, 30), st.integers(1, 30)),
    st.builds(Tiling, st.integers(1, 9), st.integers(1, 9), st.just(0), st.integers(1, 4)),
    st.integers(1, 7),
    st.sampled_from([1.0, 2.0, 4.00031, 15.9983]),
)
def test_each_tile_is_that_of_the_whole_picture(size, tiling, batch, downsample):
    patch, stride = tiling.patch, tiling.stride
    pixels = colours(*size)
    wanted = torch.rand([-(-length // stride) for length in size]) > 0.4
    margin = 2 * (patch + stride)
    padded = torch.nn.functional.pad(pixels, (margin,) * 4, value=255)
    found = {}
    for tiles, places in tile_batches(Watched(pixels, downsample), tiling, wanted, batch):
        assert 0 < len(tiles) <= batch
        found.update({tuple(place.tolist()): tile for tile, place in zip(tiles, places, strict=True)})
    assert set(found) == {tuple(place.tolist()) for place in wanted.nonzero()}
    for (x, y), tile in found.items():
        begin = [margin + at * stride + (stride - patch) // 2 for at in (x, y)]
        assert torch.equal(tile, padded[:, begin[0] : begin[0] + patch, begin[1] : begin[1] + patch])


def test_neighbours_are_read_as_one_region_by_another_thread():
    slide = Watched(colours(64, 64))
    batches = list(tile_batches(slide, Tiling(16, 8, 0, 4), torch.ones(8, 8, dtype=torch.bool), 10))
    assert [len(tiles) for tiles, _ in batches] == [10] * 6 + [4]
    assert [size for _, size in slide.read] == [(40, 40)] * 4
    assert threading.main_thread().name not in slide.threads


def test_only_what_is_wanted_is_read():
    slide, wanted = Watched(colours(64, 64)), torch.zeros(8, 8, dtype=torch.bool)
    wanted[5, 6] = True
    ((tiles, places),) = tile_batches(slide, Tiling(8, 8, 0, 4), wanted, 10)
    assert slide.read == [((40, 48), (8, 8))]
    assert places.tolist() == [[5, 6]]
    assert torch.equal(tiles[0], colours(64, 64)[:, 40:48, 48:56])


def test_nothing_wanted_is_nothing_read():
    slide = Watched(colours(8, 8))
    assert list(tile_batches(slide, Tiling(8, 8, 0, 4), torch.zeros(1, 1, dtype=torch.bool), 10)) == []
    assert slide.read == []


def test_around_a_picture_of_bytes_there_is_white_and_around_others_nothing():
    for dtype, outside in ((torch.uint8, 255), (torch.float32, 0)):
        region = Picture(torch.ones(1, 2, 2, dtype=dtype)).read_region((-1, 1), 0, (4, 2))
        assert region.tolist() == [[[outside, outside], [1, outside], [1, outside], [outside, outside]]]
    far = Picture(torch.ones(1, 2, 2)).read_region((-9, 9), 0, (4, 2))
    assert far.tolist() == torch.zeros(1, 4, 2).tolist()


def test_a_fault_of_the_slide_is_raised_where_tiles_are_asked_for():
    class Damaged(Picture):
        def read_region(self, _location, _level, _size):
            raise OSError("it ends here")

    with pytest.raises(OSError, match="it ends here"):
        list(tile_batches(Damaged(colours(8, 8)), Tiling(8, 8, 0, 1), torch.ones(1, 1, dtype=torch.bool), 1))
