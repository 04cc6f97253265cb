"""Images named on the command line, and where their masks go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bundlert.errors import DataError
from bundlert.files import readable
from bundlert.text import did_you_mean, listed
from bundlert.transforms.base import Sample

SUFFIXES = (".nii.gz", ".nii")


def image_files(
    image: str | Sequence[str], output: str | None = None, folder: str = ".", suffix: str = "_seg"
) -> list[Sample]:
    """A sample `{image, output, name}` for each image.

    Args:
        image: A NIfTI file, a folder of them, the folder of a DICOM series, or a list of these.
        output: For one image a file (`.nii`, `.nii.gz`) or a folder, for several a folder; `folder` if None.
        folder: Where masks go if `output` isn't given.
        suffix: Stands behind the image's name in the mask's.

    Raises:
        DataError: An image is missing, two masks would have one name, or a mask would replace its image.
    """
    places = [Path(one) for one in ([image] if isinstance(image, str) else image)]
    images = [found for place in places for found in _images_at(place)]
    target = Path(folder if output is None else output)
    if output is not None and _stem(target) is not None:
        if len(images) != 1:
            raise DataError(
                f"{len(images)} masks can't go into one file '{output}'", hint="name a folder: output=masks"
            )
        samples = [_sample(images[0], target)]
    else:
        samples = [_sample(one, target / f"{_name(one)}{suffix}.nii.gz") for one in images]
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
        if _stem(place) is None:
            raise DataError(f"'{place}' is no image that can be read", expected=f"{listed(SUFFIXES)}, or a folder")
        return [place]
    files = sorted(one for one in place.iterdir() if _stem(one) is not None and not one.name.startswith("."))
    if files:
        return files
    if any(_is_dicom(one) for one in place.iterdir()):
        return [place]
    raise DataError(f"there are no images in '{place}'", expected=f"{listed(SUFFIXES)} files or a DICOM series")


def _is_dicom(file: Path) -> bool:
    """Whether a file says so itself: `DICM` after 128 bytes."""
    if not readable(file).is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(132)[128:] == b"DICM"


def _stem(file: Path) -> str | None:
    """The name without an image's suffix; None for other files."""
    return next((file.name[: -len(end)] for end in SUFFIXES if file.name.lower().endswith(end)), None)


def _name(place: Path) -> str:
    return _stem(place) or place.resolve().name


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
