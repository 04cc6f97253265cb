"""Images named on the command line, and where their masks go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bundlert.errors import DataError
from bundlert.files import readable
from bundlert.images import arrays, metaimage, nrrd, pictures
from bundlert.images.dicom import series
from bundlert.images.reading import SUFFIXES
from bundlert.images.writing import WRITTEN_SUFFIXES
from bundlert.text import did_you_mean
from bundlert.transforms.base import Sample

_LONGEST_FIRST = sorted(SUFFIXES, key=len, reverse=True)
# What a mask is written as, by what its image is: something that holds its dimensions and its place. Else `.nii.gz`.
_MASKS = {
    **dict.fromkeys((*nrrd.SUFFIXES, *metaimage.SUFFIXES), ".nrrd"),
    **dict.fromkeys(pictures.SUFFIXES, ".png"),
    **dict.fromkeys(arrays.SUFFIXES, ".npz"),
}


def image_files(
    image: str | Sequence[str], output: str | None = None, folder: str = ".", suffix: str = "_seg"
) -> list[Sample]:
    """A sample `{image, output, name}` for each image.

    A folder stands for all image files in it; where it has DICOM files and no other volume, for their series.

    Args:
        image: A file that `read_image` reads, a folder of them, the folder of a DICOM series, or a list of these.
        output: For one image a file (`.nii.gz`, `.nrrd`, `.png` ...) or a folder, for several a folder; `folder` if
            None. In folders masks are `.nii.gz`, but `.nrrd`, `.png` or `.npz` where images are NRRD or MetaImage,
            pictures, or arrays.
        folder: Where masks go if `output` isn't given.
        suffix: Stands behind the image's name in the mask's.

    Raises:
        DataError: An image is missing, two masks would have one name, a mask would replace its image, or `output` has
            a suffix that can't be written.
    """
    places = [Path(one) for one in ([image] if isinstance(image, str) else image)]
    images = [found for place in places for found in _images_at(place)]
    target = Path(folder if output is None else output)
    if output is not None and _suffix(target):
        if len(images) != 1:
            raise DataError(
                f"{len(images)} masks can't go into one file '{output}'", hint="name a folder: output=masks"
            )
        if _suffix(target) not in WRITTEN_SUFFIXES:
            raise DataError(f"a mask can't be written to '{output}'", expected=", ".join(WRITTEN_SUFFIXES))
        samples = [_sample(images[0], target)]
    else:
        samples = [_sample(one, target / f"{_name(one)}{suffix}{_mask_suffix(one)}") for one in images]
    _look_at_names(samples)
    return samples


def _sample(image: Path, output: Path) -> Sample:
    if image.resolve() == output.resolve():
        raise DataError(f"the mask would replace its image '{image}'", hint="give another output")
    return {"image": str(image), "output": str(output), "name": _name(image)}


def _images_at(place: Path) -> list[Path]:
    if not readable(place).exists():
        beside = [one.name for one in place.parent.iterdir()] if place.parent.is_dir() else []
        raise DataError(f"there is no image '{place}'", hint=did_you_mean(place.name, beside))
    if place.is_file():
        if not _suffix(place) and not _is_dicom(place):
            raise DataError(f"'{place}' is no image that can be read", expected=f"{', '.join(SUFFIXES)}, or a folder")
        return [place]
    names = sorted(one for one in place.iterdir() if not one.name.startswith("."))
    files = [one for one in names if _suffix(one) and _suffix(one) not in series.SUFFIXES]
    if all(_suffix(one) in pictures.SUFFIXES for one in files) and any(_is_dicom(one) for one in names):
        return [place]  # pictures beside slices are previews of them
    if files:
        return files
    raise DataError(f"there are no images in '{place}'", expected=f"{', '.join(SUFFIXES)} files or a DICOM series")


def _is_dicom(file: Path) -> bool:
    """Whether a file says so itself: `DICM` after 128 bytes."""
    if not readable(file).is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(132)[128:] == b"DICM"


def _suffix(file: Path) -> str:
    """The suffix of an image's name, in small letters; empty for other files."""
    name = file.name.lower()
    return next((suffix for suffix in _LONGEST_FIRST if name.endswith(suffix)), "")


def _mask_suffix(image: Path) -> str:
    return _MASKS.get("" if image.is_dir() else _suffix(image), ".nii.gz")


def _name(place: Path) -> str:
    return place.resolve().name if place.is_dir() else place.name[: len(place.name) - len(_suffix(place))]


def _look_at_names(samples: list[Sample]) -> None:
    outputs: dict[str, str] = {}
    for sample in samples:
        other = outputs.setdefault(sample["output"], sample["image"])
        if other != sample["image"]:
            raise DataError(
                f"two images would give one mask '{sample['output']}'",
                got=f"{other} and {sample['image']}",
                hint="run them apart",
            )
