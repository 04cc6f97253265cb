"""A dataset whose samples are the rows of arrays in one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bundlert.data.dataset import Dataset
from bundlert.errors import DataError
from bundlert.files import readable
from bundlert.images.arrays import read_members
from bundlert.transforms.base import SampleTransform


class NPZDictItemDataset(Dataset):
    """Arrays of a `.npz` archive, all of one length N, as N samples: sample i has row i of each.

    The rows stay NumPy arrays, and numbers those of arrays with one axis; `EnsureChannelFirst` makes images of them.

    Args:
        npzfile: The archive.
        keys: Array in the archive -> entry of a sample, or the arrays that are wanted under their own names.
        transform: Applied when a sample is asked for; nothing if None.

    Raises:
        DataError: The archive is missing or damaged, an array isn't there or has no rows, or they differ in length.
    """

    def __init__(
        self,
        npzfile: str | Path,
        keys: Mapping[str, str] | Sequence[str],
        transform: SampleTransform | None = None,
    ) -> None:
        file, names = Path(npzfile), dict(keys) if isinstance(keys, Mapping) else {key: key for key in keys}
        if not readable(file).is_file():
            raise DataError(f"there is no archive '{file}'")
        arrays = {names[name]: array for name, array in read_members(file, names).items()}
        shapes = {array.shape[:1] for array in arrays.values()}
        if len(shapes) != 1 or () in shapes:
            got = ", ".join(f"{name} {list(array.shape)}" for name, array in arrays.items())
            raise DataError(f"the arrays of '{file}' don't have one length", got=got or "no arrays")
        ((count,),) = shapes
        super().__init__([{name: array[row] for name, array in arrays.items()} for row in range(count)], transform)
