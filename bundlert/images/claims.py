"""What the header of an image claims, against what its file can hold: checked before any memory is taken."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bundlert.errors import DataError
from bundlert.images.grid import Affine, Grid, affine_fault
from bundlert.text import human_size

if TYPE_CHECKING:
    import numpy as np

DEFLATE_AT_MOST = 1032
"""Deflate can't make a file smaller than this part: 258 bytes take 2 bits."""
_AGAIN = "copy or download it again"


def damaged(file: Path, got: str, expected: str | None = None) -> DataError:
    """The error for a file whose bytes are not what its format asks for."""
    return DataError(f"image '{file}' is damaged", got=got, expected=expected, hint=_AGAIN)


def ends_early(file: Path, got: str, expected: str | None = None) -> DataError:
    """The error for a file that isn't whole."""
    return DataError(f"image '{file}' ends early", got=got, expected=expected, hint=_AGAIN)


def wrong_header(file: Path, got: str, expected: str | None = None) -> DataError:
    """The error for a header that can't be understood."""
    return DataError(f"image '{file}' has a wrong header", got=got, expected=expected)


def claim_of(shape: Sequence[int], dtype: np.dtype[Any]) -> str:
    """Sizes and numbers as messages tell them: `3 x 4 x 5 int16`."""
    return f"{' x '.join(str(size) for size in shape)} {dtype.name}"


def check_room(file: Path, needed: int, room: int, claim: str) -> None:
    """Refuse a header that promises more bytes than its file can hold.

    Raises:
        DataError: `needed` bytes are more than `room`.
    """
    if needed > room:
        raise DataError(
            f"image '{file}' claims more voxels than it can hold",
            got=f"a file of {human_size(file.stat().st_size)}",
            expected=f"{human_size(needed)}, as its header says: {claim}",
            hint=_AGAIN,
        )


def checked_grid(file: Path, shape: Sequence[int], affine: Affine) -> Grid:
    """The grid that a header tells, in RAS+ mm.

    Raises:
        DataError: An axis has no voxels, or the affine isn't finite or can't be inverted.
    """
    if min(shape) < 1:
        raise DataError(f"image '{file}' has no usable shape", got=str(tuple(shape)), expected="at least one voxel")
    if fault := affine_fault(affine):
        raise DataError(f"image '{file}' has no usable place: its affine {fault}", got=str(affine.tolist()))
    return Grid(tuple(shape), affine)
