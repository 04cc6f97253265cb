"""NumPy arrays: one in a `.npy` file, or one with its affine in a `.npz` archive. Nothing in them is ever run.

Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np
import torch

from bundlert.errors import DataError
from bundlert.files import atomic
from bundlert.images.claims import DEFLATE_AT_MOST, check_room, checked_grid, claim_of, damaged, ends_early
from bundlert.images.grid import Affine, Grid
from bundlert.images.stored import true_values
from bundlert.text import did_you_mean, listed

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

SUFFIXES = (".npy", ".npz")
_AFFINE = "affine"
_MAGIC = b"\x93NUMPY"


def read_array_grid(file: Path) -> Grid:
    """Where the voxels of a file lie; of the voxels only the head is read."""
    shape, affine = _looked_at(file)
    return _grid(file, shape, affine)


def read_array(file: Path) -> tuple[Tensor, Grid]:
    """The voxels of a file, [C, *S], and where they lie.

    An array of two or three axes is [X, Y] or [X, Y, Z], one of four is [C, X, Y, Z]. A `.npz` archive holds one
    array; beside it there may be an `affine` into RAS+ mm, whose size then tells how many axes are of space. Without it
    the voxels are cubes of 1 mm from the origin of the world on. Integers stay integers (int16 as int16), truth values
    become uint8, all else is float32.

    Raises:
        DataError: The file is no array of numbers, is damaged or ends early, or claims more than it can hold.
    """
    shape, affine = _looked_at(file)
    grid = _grid(file, shape, affine)
    with _member(file, _main_name(file)) as (opened, room):
        voxels = _read(file, opened, room)
    voxels = voxels.astype(np.uint8) if voxels.dtype == bool else true_values(voxels)
    found = torch.from_numpy(np.ascontiguousarray(voxels))
    return found if found.dim() > len(grid.shape) else found[None], grid


def read_members(file: Path, names: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Some arrays of a `.npz` archive, by name, as they are stored.

    Raises:
        DataError: The archive is damaged, has no such array, or one that isn't of numbers or claims more than it holds.
    """
    there, found = _names(file), dict[str, Any]()
    for name in names:
        if name not in there:
            raise DataError(f"'{file}' has no array '{name}'", got=listed(there), hint=did_you_mean(name, there))
        with _member(file, name) as (opened, room):
            found[name] = _read(file, opened, room)
    return found


def write_array(voxels: NDArray[Any], affine: Affine, file: Path) -> None:
    """Write [C, *S]; one channel as [*S]. `.npz` keeps the affine beside it, `.npy` has no room for it.

    Raises:
        DataError: Several channels of a plane into a `.npy` file, where they would be read as a volume.
    """
    voxels = voxels[0] if len(voxels) == 1 else voxels
    if not _is_archive(file) and len(affine) == voxels.ndim == 3:
        raise DataError(
            f"'{file}' can't be written",
            got=f"{len(voxels)} channels of a plane",
            expected="one channel, or a volume",
            hint="write .npz, which tells them apart",
        )
    with atomic(file) as temporary, temporary.open("wb") as opened:
        if _is_archive(file):
            _write_archive({"image": voxels, _AFFINE: affine}, cast("BinaryIO", opened))
        else:
            np.lib.format.write_array(opened, voxels, allow_pickle=False)


def _write_archive(arrays: dict[str, NDArray[Any]], opened: BinaryIO) -> None:
    """Arrays by name, without a time: the same arrays give the same bytes."""
    with zipfile.ZipFile(opened, "w") as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _looked_at(file: Path) -> tuple[tuple[int, ...], Affine | None]:
    """The shape of the voxels, and their affine if the file has one."""
    with _member(file, _main_name(file)) as (opened, room):
        shape, dtype, _ = _head(file, opened, room)
    if not (dtype.kind in "biuf" and 2 <= len(shape) <= 4 and min(shape) > 0):
        raise DataError(
            f"image '{file}' has no usable array",
            got=claim_of(shape, dtype),
            expected="numbers, [X, Y], [X, Y, Z] or [C, X, Y, Z]",
        )
    if not _is_archive(file) or _AFFINE not in _names(file):
        return shape, None
    with _member(file, _AFFINE) as (opened, room):
        affine = _read(file, opened, room)
    order = len(affine) - 1
    if affine.shape not in ((3, 3), (4, 4)) or affine.dtype.kind not in "iuf" or not order <= len(shape) <= order + 1:
        raise DataError(
            f"image '{file}' has no usable place",
            got=f"an affine {claim_of(affine.shape, affine.dtype)}",
            expected="3 x 3 or 4 x 4, as its array",
        )
    return shape, affine.astype(np.float64)


def _grid(file: Path, shape: tuple[int, ...], affine: Affine | None) -> Grid:
    order = min(len(shape), 3) if affine is None else len(affine) - 1
    return checked_grid(file, shape[-order:], np.eye(order + 1) if affine is None else affine)


def _read(file: Path, opened: BinaryIO, room: int) -> NDArray[Any]:
    """The array of an open `.npy` file."""
    shape, dtype, fortran = _head(file, opened, room)
    numbers = np.empty(math.prod(shape), dtype)
    target, done = numbers.view(np.uint8).data, 0
    while done < len(target) and (count := opened.readinto(target[done:])):  # type: ignore[attr-defined]
        done += count
    if done < len(target):
        raise ends_early(
            file, f"{done} bytes of voxels", f"{len(target)}, as its header says: {claim_of(shape, dtype)}"
        )
    return numbers.reshape(shape, order="F" if fortran else "C")


def _head(file: Path, opened: BinaryIO, room: int) -> tuple[tuple[int, ...], np.dtype[Any], bool]:
    """Shape, dtype and whether the first axis is the fastest; refused where there isn't room for so much."""
    try:
        version = np.lib.format.read_magic(opened)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(opened)
    except Exception as error:  # the header is a text in Python's grammar, and each stage of it has its own errors
        raise damaged(file, f"{error}".partition("\n")[0] or "an early end", "a NumPy array") from error
    if dtype.hasobject:
        raise DataError(f"image '{file}' has no numbers", got=f"objects ({dtype})", expected="int, float or bool")
    check_room(file, math.prod(shape) * dtype.itemsize, room, claim_of(shape, dtype))
    return shape, dtype, fortran


def _is_archive(file: Path) -> bool:
    return file.name.lower().endswith(".npz")


def _names(file: Path) -> list[str]:
    with _archive(file) as archive:
        return [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]


def _main_name(file: Path) -> str:
    """The array of an archive that isn't its affine."""
    if not _is_archive(file):
        return ""
    names = [name for name in _names(file) if name != _AFFINE]
    if len(names) != 1:
        raise DataError(
            f"image '{file}' has {len(names)} arrays", got=", ".join(names[:8]), expected="one, and perhaps an 'affine'"
        )
    return names[0]


@contextmanager
def _archive(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise damaged(file, str(error) or "an early end", "a .npz archive") from error


@contextmanager
def _member(file: Path, name: str) -> Iterator[tuple[BinaryIO, int]]:
    """An open `.npy` file and the bytes that it can hold at most: the file itself, or a member of the archive."""
    if not _is_archive(file):
        with file.open("rb") as opened:
            yield opened, file.stat().st_size
        return
    with _archive(file) as archive:
        info = archive.getinfo(f"{name}.npy")
        with archive.open(info) as opened:
            yield cast("BinaryIO", opened), min(info.file_size, info.compress_size * DEFLATE_AT_MOST)
