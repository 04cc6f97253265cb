"""What every backend promises, and that all of them keep it alike."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from images.slides.pyramids import cut, each_backend, need, opened, tissue, write_pyramid

from bundlert.errors import DataError


@pytest.fixture(scope="session")
def slide(tmp_path_factory):
    """A slide without loss, and the rows of its levels."""
    file = tmp_path_factory.mktemp("slides") / "a.tif"
    return file, write_pyramid(file, compression="lzw")


@each_backend
def test_levels_are_told_from_the_largest_on(slide, backend):
    with opened(slide[0], backend) as found:
        assert found.backend == backend
        assert found.levels == ((1024, 768), (512, 384), (256, 192))
        assert found.level_downsamples == (1, 2, 4)
        assert found.mpp == pytest.approx((0.25, 0.25))


@each_backend
@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("place", [(0, 0, 128, 128), (37, 51, 90, 70), (100, 70, 1, 1), (120, 120, 20, 40)])
def test_a_region_is_that_part_of_its_level(slide, backend, level, place):
    file, rows = slide
    x, y, *size = place
    with opened(file, backend) as found:
        region = found.read_region((x * 2**level, y * 2**level), level, size)
    assert (region.shape, region.dtype) == ((3, *size), torch.uint8)
    np.testing.assert_array_equal(region, cut(rows[level], x, y, *size))


@each_backend
def test_the_first_pixel_is_the_one_that_the_location_lies_in(slide, backend):
    with opened(slide[0], backend) as found:
        expected = found.read_region((40, 80), 2, (9, 9))
        for beside in ((41, 80), (43, 83), (40, 82)):
            assert torch.equal(found.read_region(beside, 2, (9, 9)), expected)


@each_backend
@pytest.mark.parametrize("place", [(-10, -20, 50, 60), (1000, 700, 100, 200), (-5, 100, 2000, 10), (5000, 0, 4, 4)])
def test_what_lies_outside_is_white(slide, backend, place):
    file, rows = slide
    with opened(file, backend) as found:
        region = found.read_region(place[:2], 0, place[2:])
    np.testing.assert_array_equal(region, cut(rows[0], *place))


@each_backend
@pytest.mark.parametrize("compression", [None, "lzw", "deflate", "jpeg"])
def test_each_packing_has_the_pixels_that_tifffile_unpacks(tmp_path, backend, compression):
    tifffile = pytest.importorskip("tifffile")
    write_pyramid(tmp_path / "a.tif", compression=compression)
    rows = tifffile.imread(tmp_path / "a.tif")
    with opened(tmp_path / "a.tif", backend) as found:
        region = found.read_region((300, 200), 0, (300, 250))
    np.testing.assert_array_equal(region, cut(rows, 300, 200, 300, 250))


@pytest.mark.parametrize("backend", ["cucim", "tifffile"])
def test_levels_of_odd_sizes_are_read_pixel_by_pixel(tmp_path, backend):
    rows = write_pyramid(tmp_path / "a.tif", tissue(1003, 777), compression="lzw")
    with opened(tmp_path / "a.tif", backend) as found:
        assert found.level_downsamples[2] == pytest.approx(3.99, abs=0.01)
        for level, scale in enumerate(found.level_downsamples):
            for x, y in ((37, 51), (100, 70), (211, 120)):
                region = found.read_region((int(x * scale + scale / 2), int(y * scale + scale / 2)), level, (30, 40))
                np.testing.assert_array_equal(region, cut(rows[level], x, y, 30, 40))


def test_openslide_blends_neighbours_at_levels_of_odd_sizes(tmp_path):
    smooth = np.repeat(np.add.outer(np.arange(777), np.arange(1003))[..., None] % 8000 // 8, 3, axis=2).astype(np.uint8)
    rows = write_pyramid(tmp_path / "a.tif", smooth, compression="lzw")
    with opened(tmp_path / "a.tif", "openslide") as found:
        region = found.read_region((200, 140), 2, (90, 80))
    at = [int(place // found.level_downsamples[2]) for place in (200, 140)]
    assert np.abs(region.numpy().astype(int) - cut(rows[2], *at, 90, 80)).max() <= 1


@each_backend
@pytest.mark.parametrize("place", [(0, 0), (1000, 1500), (2100, 2900), (-30, -40)])
def test_backends_give_the_same_pixels_of_a_real_slide(real_data, backend, place):
    file = real_data / "wsi" / "small_HE.svs"
    with opened(file, "tifffile") as reference, opened(file, backend) as found:
        assert found.levels == ((2220, 2967),)
        assert found.mpp == pytest.approx((0.499, 0.499))
        assert torch.equal(found.read_region(place, 0, (300, 256)), reference.read_region(place, 0, (300, 256)))


@each_backend
def test_the_whole_real_slide_is_what_tifffile_unpacks(real_data, backend):
    tifffile = pytest.importorskip("tifffile")
    file = real_data / "wsi" / "small_HE.svs"
    with opened(file, backend) as found:
        region = found.read_region((0, 0), 0, found.levels[0])
    np.testing.assert_array_equal(region.permute(2, 1, 0), tifffile.imread(file, series=0, level=0))


@each_backend
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((0, 0), 3, (1, 1)), "level must be 0 to 2, got 3"),
        (((0, 0), -1, (1, 1)), "level must be 0 to 2, got -1"),
        (((0, 0), 0, (0, 4)), r"location and size must be \(x, y\), size at least 1, got \(0, 0\) and \(0, 4\)"),
        (((0, 0, 0), 0, (4, 4)), r"location and size must be \(x, y\)"),
    ],
)
def test_a_region_that_cannot_be_is_refused(slide, backend, arguments, message):
    with opened(slide[0], backend) as found, pytest.raises(ValueError, match=message):
        found.read_region(*arguments)


@each_backend
def test_several_threads_may_read(slide, backend):
    from concurrent.futures import ThreadPoolExecutor

    file, rows = slide
    places = [(x, y, 100, 90) for x in range(0, 900, 60) for y in range(0, 600, 60)]
    with opened(file, backend) as found, ThreadPoolExecutor(4) as pool:
        regions = list(pool.map(lambda place: found.read_region(place[:2], 0, place[2:]), places))
    for place, region in zip(places, regions, strict=True):
        np.testing.assert_array_equal(region, cut(rows[0], *place))


@each_backend
def test_a_damaged_tile_is_told_and_the_others_are_read(tmp_path, backend):
    tifffile = pytest.importorskip("tifffile")
    rows = write_pyramid(tmp_path / "a.tif")
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        offset, count = tiff.pages[0].dataoffsets[9], tiff.pages[0].databytecounts[9]
    content = bytearray((tmp_path / "a.tif").read_bytes())
    content[offset : offset + count] = bytes(count)  # a hole, as an interrupted copy leaves
    (tmp_path / "a.tif").write_bytes(content)
    with opened(tmp_path / "a.tif", backend) as found:
        region = found.read_region((0, 0), 0, (128, 128))
        assert np.abs(region.numpy().astype(int) - cut(rows[0], 0, 0, 128, 128)).mean() < 10
        with pytest.raises(DataError, match=f"slide '.*a.tif' is damaged\n  got: {backend}: "):
            found.read_region((128, 128), 0, (64, 64))


MEASURE = """
import resource, sys
from bundlert.images.slides.opening import open_slide
def read_bytes():
    return int(open("/proc/self/io").read().split("rchar: ")[1].split()[0])
with open_slide(sys.argv[1], sys.argv[2]) as slide:
    slide.read_region((0, 0), 0, (8, 8))
    bytes_before, memory_before = read_bytes(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    slide.read_region((5000, 4000), 0, (512, 512))
    print(read_bytes() - bytes_before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory_before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@each_backend
def test_a_region_never_loads_its_level(tmp_path, backend):
    need(backend)
    rows = np.broadcast_to(np.arange(8192, dtype=np.uint8)[:, None, None], (8192, 8192, 3))
    write_pyramid(tmp_path / "a.tif", rows, levels=1, compression=None, tile=(256, 256))  # 201 MB
    command = [sys.executable, "-c", MEASURE, tmp_path / "a.tif", backend]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found_bytes, found_kb = map(int, done.stdout.split())
    assert found_bytes < 5e6  # 9 tiles are 1.8 MB
    assert found_kb < 40e3
