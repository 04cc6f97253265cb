"""A data set of phantoms in Decathlon layout, made once and kept."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from bundlert.data.decathlon import LIST
from bundlert.data.phantom.render import draw_grid, render
from bundlert.errors import DataError
from bundlert.files import sha256, writable, write_text
from bundlert.images.image import Image
from bundlert.images.writing import write_image
from bundlert.places import cache_folder, private
from bundlert.progress import say, task

VERSION = 1  # to be raised when the same seed gives other volumes
MANIFEST = "manifest.json"
_HOLDS = "holds"


def abdomen_phantom(cases: int = 16, seed: int = 0, folder: str | None = None) -> str:
    """The folder of a data set of abdominal CT phantoms with the spleen as label 1, in Decathlon layout.

    It is made at the first call. Later calls find it; what is missing or damaged is made again, so a killed call costs
    at most the volumes that it was at. Each volume depends on `seed` and its number alone. A folder that holds other
    data is never written to.

    Args:
        cases: How many volumes.
        seed: Decides all of them.
        folder: Where to make it; a folder of its own in the user's cache (or `BUNDLERT_CACHE`) if None.

    Raises:
        ValueError: Fewer than 1 case, or a negative seed.
        DataError: The folder holds another data set, or phantoms of another seed.
    """
    if cases < 1 or seed < 0:
        raise ValueError(f"cases must be >= 1 and seed >= 0, got {cases} and {seed}")
    place = Path(folder) if folder else private(cache_folder()) / "phantoms" / f"abdomen-v{VERSION}-seed{seed}-{cases}"
    _refuse_other_data(writable(place), seed)
    manifest = _Manifest(place, seed)
    missing = [case for case in range(cases) if not manifest.holds(_files(case))]
    if missing:
        say(f"making {len(missing)} of {cases} phantoms in {place} (once)")
        _make(place, missing, seed, manifest)
    listing = json.dumps(_listing(cases, seed), indent=2) + "\n"
    if not (place / LIST).is_file() or (place / LIST).read_text(encoding="utf-8") != listing:
        write_text(place / LIST, listing)  # after the files: what is listed is there
    return str(place)


def _make(place: Path, missing: list[int], seed: int, manifest: _Manifest) -> None:
    workers = min(os.cpu_count() or 1, len(missing))
    with task("phantoms", total=len(missing), unit="volume") as bar, ThreadPoolExecutor(workers) as threads:
        jobs = [threads.submit(_make_case, place, case, seed) for case in missing]
        try:
            for job in as_completed(jobs):
                manifest.add(_files(job.result()))
                bar.advance()
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise


def _make_case(place: Path, case: int, seed: int) -> int:
    import torch  # noqa: PLC0415 (only to hand the voxels over)

    rng = np.random.default_rng([seed, case])
    grid = draw_grid(case, rng)
    image, label = _files(case)
    values, mask = render(grid, rng)
    write_image(Image(torch.from_numpy(values[None]), grid), place / image, dtype="int16")
    write_image(Image(torch.from_numpy(mask[None]), grid), place / label, dtype="uint8")
    return case


def _files(case: int) -> tuple[str, str]:
    name = f"phantom_{case + 1:03d}.nii.gz"
    return f"imagesTr/{name}", f"labelsTr/{name}"


def _listing(cases: int, seed: int) -> dict[str, object]:
    pairs = [_files(case) for case in range(cases)]
    return {
        "name": "Abdomen phantom",
        "description": _description(seed),
        "reference": "bundlert",
        "licence": "CC0-1.0",
        "release": f"{VERSION}.0",
        "tensorImageSize": "3D",
        "modality": {"0": "CT"},
        "labels": {"0": "background", "1": "spleen"},
        "numTraining": cases,
        "numTest": 0,
        "training": [{"image": f"./{image}", "label": f"./{label}"} for image, label in pairs],
        "test": [],
    }


class _Manifest:
    """What the folder holds, and the digests of the files that were finished."""

    def __init__(self, place: Path, seed: int) -> None:
        self._place = place
        self._lock = Lock()
        self._digests: dict[str, str] = {**_read(place / MANIFEST), _HOLDS: _description(seed)}

    def holds(self, files: tuple[str, ...]) -> bool:
        """Whether files are there as they were written."""
        return all(
            name in self._digests
            and (self._place / name).is_file()
            and sha256(self._place / name) == self._digests[name]
            for name in files
        )

    def add(self, files: tuple[str, ...]) -> None:
        """Note finished files, beside what another process may have noted meanwhile."""
        with self._lock:
            self._digests.update({name: sha256(self._place / name) for name in files})
            merged = {**_read(self._place / MANIFEST), **self._digests}
            write_text(self._place / MANIFEST, json.dumps(dict(sorted(merged.items())), indent=1) + "\n")


def _refuse_other_data(place: Path, seed: int) -> None:
    manifest, listing = _read(place / MANIFEST), _read(place / LIST)
    held = manifest.get(_HOLDS) or listing.get("description") or ("no description" if (place / LIST).exists() else None)
    if held not in (None, _description(seed)):
        raise DataError(
            f"'{place}' holds other data",
            got=held,
            expected=f"a new folder, or one of '{_description(seed)}'",
            hint=f"name another folder; to use the data as they are, write `dataset_dir={place}`",
        )


def _description(seed: int) -> str:
    return f"Synthetic abdominal CT, version {VERSION}, seed {seed}. No patient data."


def _read(file: Path) -> dict[str, Any]:
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}  # none yet, or damaged: all is made again
    return facts if isinstance(facts, dict) else {}
