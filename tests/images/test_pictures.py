from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.images.reading import read_grid, read_image
from bundlert.images.writing import write_image

WIDTH, HEIGHT = 7, 5


def pixels(dtype="u1", channels=1, most=200) -> np.ndarray:
    """Rows of pixels [Y, X] or [Y, X, C]."""
    shape = (HEIGHT, WIDTH) if channels == 1 else (HEIGHT, WIDTH, channels)
    return np.random.default_rng(0).integers(0, most, shape).astype(dtype)


def saved(folder, rows, name="a.png", **options):
    Pillow.fromarray(rows).save(folder / name, **options)
    return folder / name


def expected(rows):
    return np.atleast_3d(rows).transpose(2, 1, 0)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "A.TIFF"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_x_runs_from_left_to_right_and_y_from_top_to_bottom(tmp_path, name, channels):
    rows = pixels(channels=channels)
    image = read_image(saved(tmp_path, rows, name))
    assert image.data.dtype == torch.uint8
    assert image.shape == (WIDTH, HEIGHT)
    np.testing.assert_array_equal(image.data, expected(rows))
    np.testing.assert_array_equal(image.grid.affine, np.eye(3))
    assert read_grid(tmp_path / name).same_as(image.grid)


@pytest.mark.parametrize(
    ("name", "rows", "read"),
    [
        ("a.png", pixels("u2", most=60000), torch.int32),
        ("a.tif", pixels("u2", most=60000), torch.int32),
        ("a.tif", pixels(">u2", most=60000), torch.int32),
        ("a.tif", pixels("i4", most=10**9), torch.int32),
        ("a.tif", pixels("f4"), torch.float32),
        ("a.tif", np.full((2, 2), np.nan, np.float32), torch.float32),
    ],
)
def test_grey_of_more_than_8_bits_is_kept(tmp_path, name, rows, read):
    data = read_image(saved(tmp_path, rows, name)).data
    assert data.dtype == read
    np.testing.assert_array_equal(data, expected(rows))


def test_black_and_white_is_zero_and_one(tmp_path):
    rows = pixels(most=2).astype(bool)
    np.testing.assert_array_equal(read_image(saved(tmp_path, rows)).data, expected(rows))


def test_a_palette_gives_its_indices(tmp_path):
    picture = Pillow.fromarray(pixels(most=3)).convert("P")
    picture.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    picture.save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png").data, expected(np.asarray(picture)))


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_is_read_as_pillow_reads_it(tmp_path, channels):
    file = saved(tmp_path, pixels(channels=channels), "a.jpg")
    np.testing.assert_array_equal(read_image(file).data, expected(np.asarray(Pillow.open(file))))


def test_a_real_x_ray_is_read(real_data):
    file = real_data / "cxr" / "00000001_000.png"
    image = read_image(file)
    assert image.data.shape == (1, 512, 512)
    np.testing.assert_array_equal(image.data[0].T, np.asarray(Pillow.open(file)))


@pytest.mark.parametrize(("dtype", "channels"), [("uint8", 1), ("uint8", 2), ("uint8", 3), ("uint8", 4), ("uint16", 1)])
def test_pillow_reads_what_was_written(tmp_path, dtype, channels):
    rows = pixels("i4", channels, most=250 if dtype == "uint8" else 60000)
    image = Image(torch.from_numpy(expected(rows).copy()), Grid((WIDTH, HEIGHT), np.eye(3)))
    write_image(image, tmp_path / "new" / "a.png", dtype)
    np.testing.assert_array_equal(np.asarray(Pillow.open(tmp_path / "new" / "a.png")), rows)
    np.testing.assert_array_equal(read_image(tmp_path / "new" / "a.png").data, image.data)


@pytest.mark.parametrize(("channels", "dtype"), [(5, "uint8"), (3, "uint16"), (1, "float32")])
def test_what_no_picture_holds_is_refused(tmp_path, channels, dtype):
    image = Image(torch.zeros(channels, 4, 5), Grid((4, 5), np.eye(3)))
    with pytest.raises(DataError, match=f"got: {channels} channels of {dtype}\n  expected: uint8 with 1 to 4 channels"):
        write_image(image, tmp_path / "a.png", dtype)
    assert list(tmp_path.iterdir()) == []


def test_a_volume_is_no_picture(tmp_path):
    with pytest.raises(DataError, match="expected: a realized image of two dimensions"):
        write_image(Image(torch.zeros(1, 2, 3, 4), Grid((2, 3, 4), np.eye(4))), tmp_path / "a.png")


def png(width, height, depth, colour, content=b""):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(content)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("colour", "channels"), [(2, 3), (4, 2), (6, 4)])
def test_16_bits_of_a_colour_are_not_cut_to_8(tmp_path, colour, channels):
    (tmp_path / "a.png").write_bytes(png(2, 1, 16, colour, bytes(1 + 4 * channels)))
    with pytest.raises(DataError, match="wrong header\n  got: 16 bits of each colour\n  expected: 16 bits of grey"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("dtype", ["i1", "u4"])
def test_numbers_whose_sign_pillow_forgets_are_refused(tmp_path, dtype):
    pytest.importorskip("tifffile").imwrite(tmp_path / "a.tif", pixels(dtype))
    with pytest.raises(DataError, match="wrong header\n  got: signed bytes or unsigned 32 bits"):
        read_image(tmp_path / "a.tif")


def test_cmyk_is_refused(tmp_path):
    Pillow.fromarray(pixels(channels=3)).convert("CMYK").save(tmp_path / "a.jpg")
    with pytest.raises(DataError, match="wrong header\n  got: pixels of kind CMYK\n  expected: one of 1, L"):
        read_image(tmp_path / "a.jpg")


def test_several_pages_are_refused(tmp_path):
    one, other = Pillow.fromarray(pixels()), Pillow.fromarray(pixels())
    one.save(tmp_path / "a.tif", save_all=True, append_images=[other])
    with pytest.raises(DataError, match="has 2 pages\n  expected: one\n  try: open_slide reads pyramids"):
        read_image(tmp_path / "a.tif")


def test_a_huge_claim_takes_no_memory(tmp_path):
    (tmp_path / "a.png").write_bytes(png(9000, 9000, 8, 2))
    claim = "9000 x 9000, 3 channels of kind RGB"
    with pytest.raises(DataError, match=f"claims more voxels than it can hold\n.*\n  expected: 243.0 MB, .*: {claim}"):
        read_image(tmp_path / "a.png")


def test_a_picture_beyond_what_pillow_takes_for_one_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(png(30000, 30000, 8, 2))
    with pytest.raises(DataError, match=r"is too large for a picture\n.*\n  try: read it by parts, with open_slide"):
        read_image(tmp_path / "a.png")
