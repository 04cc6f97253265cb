"""What a cache keeps of one item, in one file: a head of JSON, then the numbers as they lie in memory.

    8 bytes          how long the head is, the lowest byte first
    head             {"format": 1, "order": "little", "size": 1024, "blobs": [["int16", [1, 8, 8, 8], 0]], "kept": []}
    numbers          from the next multiple of 64 on, `size` bytes: each blob in C order, from its place there on

Nothing in such a file can run. Its numbers are mapped into memory, not copied; writing to them changes no file.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor

from bundlert.data.stages import Kept
from bundlert.errors import DataError
from bundlert.files import atomic, readable
from bundlert.images.grid import Grid
from bundlert.images.image import Image

_FORMAT = 1
_ALIGNED = 64
_LONGEST_HEAD = 1 << 30


def write_entry(file: Path, kept: Sequence[Kept]) -> None:
    """Write what is kept of an item, all or nothing.

    Raises:
        DataError: A sample holds something else than images, tensors, arrays and plain values; or it can't be written.
    """
    blobs: list[Tensor] = []
    told = [{"sample": _told(one.sample, "", blobs), "dtypes": _told(dict(one.dtypes), "", blobs)} for one in kept]
    places, size = _placed(blobs)
    rows = [[_short(blob.dtype), list(blob.shape), place] for blob, place in zip(blobs, places, strict=True)]
    content = {"format": _FORMAT, "order": sys.byteorder, "size": size, "blobs": rows, "kept": told}
    head = json.dumps(content).encode()
    first = _aligned(8 + len(head))
    try:
        with atomic(file) as temporary, temporary.open("wb") as opened:
            opened.write(len(head).to_bytes(8, "little") + head)
            for blob, place in zip(blobs, places, strict=True):
                opened.seek(first + place)
                opened.write(blob.reshape(-1).view(torch.uint8).numpy().data)
            opened.truncate(first + size)
    except OSError as error:
        hint = "free space, or name another cache_dir"
        raise DataError(f"'{file.parent}' can't keep a prepared item", got=str(error), hint=hint) from error


def open_entry(file: Path) -> list[Kept] | None:
    """What is kept in a file, its numbers not yet read; None where there is no file, or another or a damaged one."""
    try:
        head, first = _head(readable(file))
        size = int(head["size"])
        if file.stat().st_size != first + size:
            return None
        memory = torch.from_file(str(file), shared=False, size=first + size, dtype=torch.uint8)
        blobs = [_Blob(memory.untyped_storage(), first, size).tensor(*row) for row in head["blobs"]]
        return [Kept(_made(one["sample"], blobs), _made(one["dtypes"], blobs)) for one in head["kept"]]
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RuntimeError):
        return None


def _head(file: Path) -> tuple[dict[str, Any], int]:
    """The head of a file, and where its numbers begin."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if length > _LONGEST_HEAD:
            raise ValueError(f"a head of {length} bytes")
        head = json.loads(opened.read(length))
    if head["format"] != _FORMAT or head["order"] != sys.byteorder:
        raise ValueError(f"format {head['format']}, {head['order']}-endian")
    return head, _aligned(8 + length)


class _Blob(NamedTuple):
    """The numbers of a mapped file."""

    memory: torch.UntypedStorage
    first: int
    size: int

    def tensor(self, dtype_name: str, shape: Sequence[int], place: int) -> Tensor:
        """Those from a place on, as a tensor that shares the memory."""
        dtype = _dtype(dtype_name)
        if place < 0 or min(shape, default=0) < 0 or place + math.prod(shape) * dtype.itemsize > self.size:
            raise ValueError(f"{shape} of {dtype} at {place} of {self.size} bytes")
        strides = torch.empty(tuple(shape), device="meta").stride()
        offset = (self.first + place) // dtype.itemsize
        return torch.empty(0, dtype=dtype).set_(self.memory, offset, tuple(shape), strides)


def _placed(blobs: Sequence[Tensor]) -> tuple[list[int], int]:
    """Where each blob begins, and where the last one ends."""
    places, end = [], 0
    for blob in blobs:
        places.append(_aligned(end))
        end = places[-1] + blob.nbytes
    return places, end


def _aligned(place: int) -> int:
    return -(-place // _ALIGNED) * _ALIGNED


def _short(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _dtype(name: str) -> torch.dtype:
    found = getattr(torch, name)
    if not isinstance(found, torch.dtype):
        raise TypeError(f"{name} is no dtype")
    return found


# ---- values to JSON and back; what JSON has no word for is a list: its kind, then its parts


def _told(value: Any, key: str, blobs: list[Tensor]) -> Any:
    if value is None or type(value) in _PLAIN:
        return value
    tell = _CONTAINERS.get(type(value)) or next((tell for kinds, tell in _TELLERS if isinstance(value, kinds)), None)
    if tell is None or getattr(getattr(value, "dtype", None), "kind", "f") not in _NUMBERS:
        raise DataError(
            f"a DiskCache can't hold a {type(value).__name__}",
            got=f"'{key}' of a sample",
            expected="images, tensors, arrays of numbers, and plain values",
            hint="DeleteItems before the first random step, or a MemoryCache",
        )
    return tell(value, key, blobs)


def _told_image(image: Image, key: str, blobs: list[Tensor]) -> Any:
    grids = [[list(grid.shape), grid.affine.tolist()] for grid in (image.grid, image.original)]
    return ["image", _told(image.data, key, blobs), _told(image.file, key, blobs), *grids]


def _told_tensor(tensor: Tensor, _key: str, blobs: list[Tensor]) -> Any:
    blobs.append(tensor.detach().cpu().contiguous())
    return ["tensor", len(blobs) - 1, str(tensor.device)]


def _told_array(array: Any, key: str, blobs: list[Tensor]) -> Any:
    whole = torch.from_numpy(np.array(array, order="C"))  # a copy: torch takes no array that can't be written to
    return ["array" if isinstance(array, np.ndarray) else "scalar", _told(whole, key, blobs)]


def _told_list(values: Sequence[Any], key: str, blobs: list[Tensor]) -> Any:
    return [type(values).__name__, [_told(one, key, blobs) for one in values]]


def _told_dict(values: dict[Any, Any], key: str, blobs: list[Tensor]) -> Any:
    return ["dict", [[_told(name, key, blobs), _told(one, key or str(name), blobs)] for name, one in values.items()]]


_PLAIN = (bool, int, float, str)
_NUMBERS = "biufc"
_Teller: TypeAlias = Callable[[Any, str, list[Tensor]], Any]
_CONTAINERS: dict[type, _Teller] = {list: _told_list, tuple: _told_list, dict: _told_dict}
_TELLERS: tuple[tuple[type | tuple[type, ...], _Teller], ...] = (
    (Image, _told_image),
    (Tensor, _told_tensor),
    ((np.ndarray, np.generic), _told_array),
    (Path, lambda path, *_: ["path", str(path)]),
    (torch.dtype, lambda dtype, *_: ["dtype", _short(dtype)]),
)


def _made(told: Any, blobs: Sequence[Tensor]) -> Any:
    if not isinstance(told, list):
        return told
    kind, *parts = told
    return _MAKERS[kind](blobs, *parts)


def _image(blobs: Sequence[Tensor], data: Any, file: Any, grid: Any, original: Any) -> Image:
    grids = [Grid(tuple(shape), np.array(affine)) for shape, affine in (grid, original)]
    return Image(_made(data, blobs), grids[0], _made(file, blobs), grids[1])


_MAKERS: dict[str, Any] = {
    "image": _image,
    "tensor": lambda blobs, number, device: blobs[number].to(device),
    "array": lambda blobs, told: _made(told, blobs).numpy(),
    "scalar": lambda blobs, told: _made(told, blobs).numpy()[()],
    "path": lambda _, text: Path(text),
    "dtype": lambda _, name: _dtype(name),
    "list": lambda blobs, parts: [_made(one, blobs) for one in parts],
    "tuple": lambda blobs, parts: tuple(_made(one, blobs) for one in parts),
    "dict": lambda blobs, pairs: {_made(key, blobs): _made(one, blobs) for key, one in pairs},
}
