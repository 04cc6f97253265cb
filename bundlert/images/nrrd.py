"""NRRD, attached (`.nrrd`) or with a header of its own (`.nhdr`): raw, gzip or text.

isal inflates and deflates, several times faster than zlib. Written as ITK and 3D Slicer write it: gzip, LPS.

Source: https://teem.sourceforge.net/nrrd/format.html.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from bundlert.files import atomic
from bundlert.images.grid import Affine, Grid
from bundlert.images.gzip_stream import gzip_stream
from bundlert.images.nrrd_header import read_header
from bundlert.images.stored import check_stored, read_stored, true_values

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

SUFFIXES = (".nrrd", ".nhdr")
_LPS = (-1.0, -1.0, 1.0)


def read_nrrd_grid(file: Path) -> Grid:
    """Where the voxels of a file lie; only its header is read."""
    header = read_header(file)
    check_stored(header.stored)
    return header.grid


def read_nrrd(file: Path) -> tuple[Tensor, Grid]:
    """The voxels [C, X, Y, Z] of a file, or [C, X, Y] in a space of two dimensions, and where they lie in RAS+ mm.

    The one axis that isn't of space, wherever it stands, is the channel. A space without a name is LPS, as in ITK.
    Integers stay integers (int16 as int16), float64 is read as float32.

    Raises:
        DataError: The file is no NRRD, is damaged or ends early, or claims more than it can hold.
    """
    header = read_header(file)
    sizes = header.stored.shape
    voxels = torch.from_numpy(true_values(read_stored(header.stored))).reshape(sizes[::-1])
    voxels = voxels.permute(*reversed(range(len(sizes))))
    if header.channel_axis is None:
        return voxels[None], header.grid
    return voxels.movedim(header.channel_axis, 0), header.grid


def write_nrrd(voxels: NDArray[Any], affine: Affine, file: Path) -> None:
    """Write [C, *S] in the array's dtype, *S of two or three axes; the affine is kept bit by bit.

    Several channels become the first axis, of kind `vector`, as in ITK. Compressed by gzip at level 1.
    """
    order = len(affine) - 1
    signs = np.array(_LPS[:order])
    vectors = [_vector(signs * affine[:-1, axis]) for axis in range(order)]
    sizes, kinds = [str(size) for size in voxels.shape], ["domain"] * order
    if len(voxels) == 1:
        voxels, sizes = voxels[0], sizes[1:]
    else:
        vectors, kinds = ["none", *vectors], ["vector", *kinds]
    dtype = voxels.dtype.newbyteorder("<")
    head = [
        "NRRD0004",
        f"type: {'float' if dtype.kind == 'f' else dtype.name}",
        f"dimension: {len(sizes)}",
        "space: left-posterior-superior" if order == 3 else f"space dimension: {order}",
        f"sizes: {' '.join(sizes)}",
        f"space directions: {' '.join(vectors)}",
        f"kinds: {' '.join(kinds)}",
        "endian: little",
        "encoding: gzip",
        f"space origin: {_vector(signs * affine[:-1, -1])}",
    ]
    numbers = np.ascontiguousarray(voxels.T, dtype)
    with atomic(file) as temporary, temporary.open("wb") as opened:
        opened.write("\n".join([*head, "\n"]).encode("ascii"))
        opened.writelines(gzip_stream([numbers.reshape(-1).view(np.uint8).data]))


def _vector(values: NDArray[np.float64]) -> str:
    return f"({','.join(repr(float(value)) for value in values)})"
