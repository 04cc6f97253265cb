"""Reading and writing one volume: ours, the libraries that people use, and what no program can do without.

    python benchmarks/reading.py [--image FILE.nii.gz] [--rounds 7] [--slide FILE.svs] [--json reading.json]

FILE is a CT, a phantom's if not given; it is written once as NIfTI and once as NRRD, both by gzip, then read and
written in turns in one process, and what was read is compared. The libraries beside ours are those that are installed:
nibabel, pynrrd, SimpleITK. The limit of reading is inflating the file by isal and passing once over its numbers; that
of writing is deflating them by isal at level 1. nibabel writes at its default level. Files lie in memory (/dev/shm)
where there is such a place: ours waits until the disk has a file, the others don't, and disks differ. With a slide,
tiles of 256 x 256 are read by each backend that is installed, after one round that warms it up.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import nibabel
import numpy as np
import torch
from isal import igzip, isal_zlib

from bundlert.data.phantom.dataset import abdomen_phantom
from bundlert.errors import DataError
from bundlert.images.image import Image
from bundlert.images.reading import read_image
from bundlert.images.slides.opening import BACKENDS, open_slide
from bundlert.images.writing import write_image

TILE = 256
READ_AT_MOST, WRITE_AT_LEAST = 1.5, 4.0
"""What is promised: times the limit of reading, times nibabel's speed of writing."""


def installed(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None


def limit_of_reading(file: Path, result: Image) -> Callable[[], object]:
    """Inflate what is packed in a file, and write the numbers of the result once."""
    content = file.read_bytes()
    offset = content.index(b"\n\n") + 2 if file.suffix == ".nrrd" else 0
    size = len(igzip.decompress(content[offset:]))
    numbers = result.data.numpy()

    def run() -> object:
        with file.open("rb") as opened:
            opened.seek(offset)
            isal_zlib.decompress(opened.read(), wbits=31, bufsize=size + 16)
        return np.array(numbers, order="K", copy=True)

    return run


def readers(file: Path) -> dict[str, Callable[[], Any]]:
    found: dict[str, Callable[[], Any]] = {"ours": lambda: read_image(file).data.numpy()[0]}
    if file.suffix == ".nrrd":
        if nrrd := installed("nrrd"):
            found["pynrrd"] = lambda: nrrd.read(str(file))[0]
    else:
        found["nibabel"] = lambda: np.asanyarray(nibabel.load(file).dataobj)
    if sitk := installed("SimpleITK"):
        found["SimpleITK"] = lambda: sitk.GetArrayFromImage(sitk.ReadImage(str(file))).T
    return found


def written_kinds(image: Image, label: Path) -> dict[str, np.ndarray]:
    """What pipelines write: a mask, the CT itself, and a CT after resampling (here: smoothed), each in file order."""
    ct = image.data[0].numpy()
    smooth = (ct[:-1].astype(np.float32) + ct[1:]) / 3
    kinds = {
        "a mask, uint8": read_image(label).data[0].numpy().astype(np.uint8) if label.is_file() else np.uint8(ct > 100),
        "a CT, int16": ct,
        "a resampled CT, float32": np.concatenate([smooth, smooth[-1:]]),
    }
    return {name: np.asfortranarray(voxels) for name, voxels in kinds.items()}


def writers(voxels: np.ndarray, image: Image, folder: Path) -> dict[str, Callable[[], Any]]:
    """Voxels [X, Y, Z] in their own dtype, in the order of the file."""
    volume = nibabel.Nifti1Image(voxels, image.affine)
    content = volume.to_bytes()
    ours = Image(torch.from_numpy(voxels)[None], image.grid)
    return {
        "ours": lambda: write_image(ours, folder / "ours.nii.gz", voxels.dtype.name),
        "nibabel": lambda: nibabel.save(volume, folder / "theirs.nii.gz"),
        "limit": lambda: (folder / "limit.nii.gz").write_bytes(igzip.compress(content, 1)),
    }


def timed(jobs: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """The median time of each job, in turns; the first round isn't counted."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds + 1):
        for name, job in jobs.items():
            begun = time.perf_counter()
            job()
            times[name].append(time.perf_counter() - begun)
    return {name: median(found[1:]) for name, found in times.items()}


def shown(title: str, typical: dict[str, float]) -> dict[str, float]:
    print(title)
    for name, seconds in typical.items():
        beside = "" if name == "ours" else f"   ours takes {typical['ours'] / seconds:.2f} of it"
        print(f"  {name:<10} {seconds * 1000:8.1f} ms{beside}")
    return typical


def tiles_per_second(file: Path, rounds: int) -> dict[str, float]:
    found = {}
    for name in BACKENDS:
        try:
            with open_slide(file, name) as slide:
                across, down = (size // TILE for size in slide.levels[0])
                places = [(x * TILE, y * TILE) for y in range(down) for x in range(across)][:200]

                def run(slide: Any = slide, places: Any = places) -> None:
                    for place in places:
                        slide.read_region(place, 0, (TILE, TILE))

                found[name] = len(places) / timed({name: run}, rounds)[name]
        except DataError as error:
            print(f"  {name}: {error.got}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", type=Path, help="a CT, as .nii.gz")
    parser.add_argument("--slide", type=Path, help="a whole-slide picture")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    source = asked.image or sorted((Path(abdomen_phantom(1, 0)) / "imagesTr").glob("[!.]*.nii.gz"))[0]
    image = read_image(source)
    image = image.with_data(image.data.to(torch.int16))
    figures: dict[str, dict[str, float]] = {}
    memory = Path("/dev/shm")  # noqa: S108 (of a name that nobody can guess)
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as place:
        folder = Path(place)
        print(f"{source.name}: {' x '.join(map(str, image.shape))} int16")
        for name in ("a.nii.gz", "a.nrrd"):
            write_image(image, folder / name, "int16")
            jobs = readers(folder / name)
            other = [one for one, job in jobs.items() if not np.array_equal(job(), image.data.numpy()[0])]
            if other:
                sys.exit(f"{name} is read otherwise by {other}")
            jobs["limit"] = limit_of_reading(folder / name, image)
            figures[f"read {name}"] = shown(f"read {name}", timed(jobs, asked.rounds))
        for title, voxels in written_kinds(image, source.parents[1] / "labelsTr" / source.name).items():
            jobs = writers(voxels, image, folder)
            figures[f"write {title}"] = shown(f"write {title}", timed(jobs, asked.rounds))
            sizes = [f"{(folder / f'{one}.nii.gz').stat().st_size / 1e6:.2f} MB {one}" for one in ("ours", "theirs")]
            print(f"  {', '.join(sizes)}")
    if asked.slide:
        figures["tiles per second"] = tiles_per_second(asked.slide, asked.rounds)
        print(
            *(
                f"{name}: {found:.0f} tiles of {TILE} x {TILE} a second"
                for name, found in figures["tiles per second"].items()
            ),
            sep="\n",
        )
    worst = max(figures[f"read {name}"]["ours"] / figures[f"read {name}"]["limit"] for name in ("a.nii.gz", "a.nrrd"))
    written = [found["nibabel"] / found["ours"] for title, found in figures.items() if title.startswith("write")]
    print(f"reading takes {worst:.2f} times the limit (promised: at most {READ_AT_MOST})")
    ratios = ", ".join(f"{ratio:.1f}" for ratio in written)
    print(f"writing NIfTI is {ratios} times as fast as nibabel (promised: at least {WRITE_AT_LEAST})")
    if asked.json:
        asked.json.write_text(json.dumps({"seconds": figures, "rounds": asked.rounds}, indent=2) + "\n")
    sys.exit(worst > READ_AT_MOST or min(written) < WRITE_AT_LEAST)


if __name__ == "__main__":
    main()
