"""Everything before the first random transform, once, on disk: for this run and the next ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bundlert.data.description import described, digest_of
from bundlert.data.disk_entry import open_entry, write_entry
from bundlert.data.disk_folder import DiskFolder
from bundlert.data.memory_cache import MemoryCache
from bundlert.data.slot import Slot
from bundlert.data.stages import Kept
from bundlert.errors import PolicyError
from bundlert.files import readable, sha256
from bundlert.places import cache_folder, private
from bundlert.transforms.base import Sample, SampleTransform

_HASHED = ("stat", "content")
_DETACHED = (".mhd", ".nhdr", ".hdr")  # heads whose voxels are in a file beside them
_GB = 1e9


class DiskCache(MemoryCache):
    """A dataset that keeps on disk what doesn't depend on chance, for all processes and runs that want the same.

    What is kept belongs to the item (its values, its files) and to the steps before the first random one (their
    classes, their source, their arguments, the version of this package): whatever changes makes a new entry, and the
    old one is removed when `size_limit_gb` is reached. Entries are mapped into memory, not read: processes share them,
    and the system gives their memory away where it is needed. A process killed at any moment leaves whole entries.

    Args:
        data: Samples, paths in them for instance.
        transform: What is done to a sample. Its steps before the first random one are kept.
        cache_dir: A folder; one in the user's cache (or `BUNDLERT_CACHE`) if None.
        hash_as: How a file is known again: by `stat`, its path, size and time of change, or by its `content`.
        num_workers: Threads that prepare what isn't there yet, when the dataset is made; None or 0 to wait until it is
            asked for.
        size_limit_gb: What entries that weren't used for longest are removed beyond; None for no limit.
        progress: Whether the work of `num_workers` is shown.
        dtype: `float16` or `bfloat16`: what numbers are rounded to where they are kept, as in `MemoryCache`.

    Raises:
        ValueError: Another dtype or `hash_as`, a limit <= 0, or a step that can't be told from another by looking.
        PolicyError: Nothing may be written in the folder.
    """

    def __init__(
        self,
        data: Sequence[Sample],
        transform: SampleTransform,
        cache_dir: str | Path | None = None,
        hash_as: str = "stat",
        num_workers: int | None = None,
        *,
        size_limit_gb: float | None = None,
        progress: bool = True,
        dtype: str | None = None,
    ) -> None:
        if hash_as not in _HASHED:
            raise ValueError(f"hash_as must be one of {', '.join(_HASHED)}, got '{hash_as}'")
        if size_limit_gb is not None and size_limit_gb <= 0:
            raise ValueError(f"size_limit_gb must be > 0, got {size_limit_gb}")
        self.hash_as = hash_as
        limit = None if size_limit_gb is None else int(size_limit_gb * _GB)
        place = private(cache_folder()) / "prepared" if cache_dir is None else Path(cache_dir)
        self._folder = DiskFolder(place, limit)
        super().__init__(data, transform, progress=progress, dtype=dtype)
        self._steps = [*self._described_steps(), str(self._stages.rounded)]
        if num_workers:
            self.fill(num_workers)

    def prepare(self, index: int) -> list[Kept]:
        """What item `index` becomes before chance comes in, from the disk, where it is put if it isn't there."""
        key = digest_of([self._steps, described(self.data[index]), list(self._files(self.data[index]))])
        found = self._opened(key)
        if found is not None:
            return found
        with self._folder.making(key):
            found = self._opened(key)  # somebody else may have been first
            if found is None:
                made = super().prepare(index)
                write_entry(self._folder.file(key), made)
                found = self._opened(key) or made
        self._folder.trim(keep=key)
        return found

    def share(self, num_workers: int = 1) -> None:
        """Prepare all items; other processes find them on the disk."""
        self.fill(num_workers)

    def _opened(self, key: str) -> list[Kept] | None:
        found = open_entry(self._folder.file(key))
        if found is not None:
            self._folder.used(key)
        return found

    def _described_steps(self) -> list[Any]:
        steps = []
        for step in self._stages.fixed.transforms:
            try:
                steps.append(described(step))
            except TypeError as error:
                name = type(step).__name__
                raise ValueError(
                    f"transform must have steps before the first random one that can be told by looking, got {name}: "
                    f"{error}; put it behind the first random step, or use MemoryCache"
                ) from None
        return steps

    def _files(self, item: Sample) -> Iterator[list[Any]]:
        """What tells each file of an item from what it was before."""
        for entry in item.values():
            for place in entry if isinstance(entry, list | tuple) else [entry]:
                if isinstance(place, str | Path):
                    yield from (self._told(file) for file in _files_at(place))

    def _told(self, file: Path) -> list[Any]:
        if self.hash_as == "content":
            return [str(file), sha256(file)]
        status = file.stat()
        return [str(file), status.st_size, status.st_mtime_ns]

    def __getstate__(self) -> dict[str, Any]:
        # another process maps the entries itself
        return {**vars(self), "_slots": [Slot() for _ in self._slots]}


def _files_at(place: str | Path) -> list[Path]:
    """The files that a path stands for; none if it stands for nothing, or for what may not be read."""
    path = Path(place)
    try:
        if not readable(path).exists():
            return []
    except (OSError, ValueError, PolicyError):  # no path at all, but a long text
        return []
    if path.is_dir():
        return sorted(one for one in path.iterdir() if one.is_file())
    if path.suffix.lower() in _DETACHED:
        return sorted(one for one in path.parent.glob(f"{path.stem}.*") if one.is_file())
    return [path]
