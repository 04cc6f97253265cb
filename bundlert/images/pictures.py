"""Pictures of two dimensions, grey or in colour: PNG, JPEG and plain TIFF, by Pillow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from bundlert.errors import DataError
from bundlert.files import atomic
from bundlert.images.claims import DEFLATE_AT_MOST, check_room, damaged, wrong_header
from bundlert.images.grid import Grid
from bundlert.images.stored import true_values

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image as Picture
    from torch import Tensor

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
WRITTEN_SUFFIXES = (".png",)
_FORMATS = ("PNG", "JPEG", "TIFF")
_AS_STORED = ("L", "LA", "P", "RGB", "RGBA", "I", "I;16", "I;16B", "F")
_MISREAD = ((2, 8), (1, 32))  # TIFF's SampleFormat and BitsPerSample where Pillow forgets the sign
_AT_MOST = {"PNG": DEFLATE_AT_MOST, "JPEG": DEFLATE_AT_MOST, "TIFF": 1 << 14}
"""What can't be packed more tightly: a JPEG needs a bit for 64 values, a fax in a TIFF a bit for a row."""


def read_picture_grid(file: Path) -> Grid:
    """The grid of a picture; only its header is read."""
    with _opened(file) as picture:
        return _grid(picture)


def read_picture(file: Path) -> tuple[Tensor, Grid]:
    """The pixels [C, X, Y] of a picture: X from left to right, Y from top to bottom; 1, 2, 3 or 4 channels.

    8 bits are uint8, 16 bits of grey int32, floats float32; black and white is 0 and 1, a palette gives its indices.
    A picture has no place: its pixels are squares of 1 mm from the origin of the world on.

    Raises:
        DataError: The file is no picture, is damaged or ends early, claims more than it can hold, or has several pages.
    """
    with _opened(file) as picture:
        picture.load()
        pixels = np.asarray(picture)
    pixels = pixels.astype(np.uint8) if pixels.dtype == bool else true_values(pixels)
    pixels = np.atleast_3d(pixels)
    pixels = pixels if pixels.flags.writeable else pixels.copy()
    return torch.from_numpy(pixels).permute(2, 1, 0), _grid(picture)


def write_picture(pixels: NDArray[Any], file: Path) -> None:
    """Write [C, X, Y] as PNG: uint8 with 1 to 4 channels, or uint16 with one.

    Raises:
        DataError: Another dtype, or as many channels as no picture has.
    """
    from PIL import Image  # noqa: PLC0415 (only where there is a picture)

    if not (pixels.dtype == np.uint8 and len(pixels) <= 4) and not (pixels.dtype == np.uint16 and len(pixels) == 1):
        raise DataError(
            f"'{file}' can't be written",
            got=f"{len(pixels)} channels of {pixels.dtype}",
            expected="uint8 with 1 to 4 channels, or uint16 with one",
        )
    rows = np.ascontiguousarray(pixels.transpose(2, 1, 0))
    picture = Image.fromarray(rows[..., 0] if len(pixels) == 1 else rows)
    with atomic(file) as temporary:
        picture.save(temporary, "PNG")


@contextmanager
def _opened(file: Path) -> Iterator[Picture]:
    """A picture whose header was looked at. What goes wrong with its pixels is told as a DataError."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 (only where there is a picture)

    try:
        with Image.open(file, formats=_FORMATS) as picture:
            _check(file, picture)
            yield picture
    except UnidentifiedImageError:
        with file.open("rb") as opened:
            head = opened.read(8)
        raise DataError(
            f"image '{file}' is no picture", got=f"a head of {head!r}", expected=f"{', '.join(_FORMATS)}"
        ) from None
    except Image.DecompressionBombError as error:
        raise DataError(
            f"image '{file}' is too large for a picture", got=str(error), hint="read it by parts, with open_slide"
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError, OverflowError) as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            raise
        raise damaged(file, f"{error}".partition("\n")[0] or type(error).__name__) from error


def _check(file: Path, picture: Picture) -> None:
    """Refuse what can't be, or what Pillow would read with a loss, before its pixels are unpacked."""
    if picture.mode not in ("1", *_AS_STORED):
        raise wrong_header(file, f"pixels of kind {picture.mode}", f"one of 1, {', '.join(_AS_STORED)}")
    tiles = getattr(picture, "tile", ())
    depth = f"{tiles[0][3]}" if tiles else ""
    if ";16" in depth and not picture.mode.startswith("I"):
        raise wrong_header(file, "16 bits of each colour", "16 bits of grey, or 8 of each colour")
    tags = getattr(picture, "tag_v2", {})
    if (tags.get(339, (1,))[0], tags.get(258, (8,))[0]) in _MISREAD:
        raise wrong_header(file, "signed bytes or unsigned 32 bits", "uint8, int16, uint16, int32 or float32")
    if getattr(picture, "n_frames", 1) != 1:
        raise DataError(
            f"image '{file}' has {getattr(picture, 'n_frames', 1)} pages",
            expected="one",
            hint="open_slide reads pyramids",
        )
    pixels, channels = picture.width * picture.height, len(picture.getbands())
    room = file.stat().st_size * _AT_MOST[picture.format or "PNG"]
    claim = f"{picture.width} x {picture.height}, {channels} channels of kind {picture.mode}"
    check_room(file, pixels * channels // (8 if picture.mode == "1" else 1), room, claim)


def _grid(picture: Picture) -> Grid:
    return Grid((picture.width, picture.height), np.eye(3))
