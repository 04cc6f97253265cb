"""Real slices to try transforms on, from a folder of small public data; whom to thank for them is in `CREDITS`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.images.reading import read_image
from bundlert.transforms.channel import EnsureChannelFirst
from bundlert.transforms.intensity.smooth import GaussianSmooth
from bundlert.transforms.lazy import realize, realized
from bundlert.transforms.spatial.orientation import Orientation
from bundlert.transforms.spatial.rotate import Rotate
from bundlert.transforms.spatial.spacing import Spacing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bundlert.transforms.base import Sample

    Array = NDArray[Any]

CREDITS = (
    "- CT and spleen: test files of [TotalSegmentator](https://github.com/wasserth/TotalSegmentator), Apache-2.0.",
    "- MR: `chris_t1` of [niivue-images](https://github.com/neurolabusc/niivue-images), BSD-2-Clause.",
    "- Chest X-ray: provided by the NIH Clinical Center, <https://nihcc.app.box.com/v/ChestXray-NIHCC>, without\n"
    "  restrictions; X. Wang, Y. Peng, L. Lu, Z. Lu, M. Bagheri, R. Summers, ChestX-ray8: Hospital-scale Chest X-ray\n"
    "  Database and Benchmarks on Weakly-Supervised Classification and Localization of Common Thorax Diseases, IEEE\n"
    "  CVPR 2017, pp. 3462-3471.",
)
WINDOWS = {"ct": (-160, 240), "mr": (0, 255), "xray": (0, 255)}
"""What is shown as black and as white of each image."""

_CT, _LABEL, _MR, _XRAY = (
    "Task09_Spleen_mini/imagesTr/spleen_2.nii.gz",
    "Task09_Spleen_mini/labelsTr/spleen_2.nii.gz",
    "mr/chris_t1.nii.gz",
    "cxr/00000001_000.png",
)
_BODY = (slice(64, 448), slice(96, 352), 12)
_LINES_EVERY = 12
_HOLES = ((50, 95, 5), (75, 85, 4), (70, 105, 3))  # centre and radius
_BONE, _BRIGHT, _CLASSES = 220, 85, 4
NO_LINE, LINE = -1000.0, -400.0
"""The values of the second channel of `ct_lines` beside a line and on it."""


def samples_of(folder: Path) -> dict[str, Sample]:
    """Samples by name, of 2-D images; the first axis grows to the right of a picture, the second upwards.

    `ct` and `ct_lines` have image and label, in the latter the image has lines as second channel; `mr` and `xray` an
    image; `weighted` has a map of weights, `two_grids` an image on another grid, `back` a prediction on a grid that
    isn't the file's; `organs` has several labels; `rough` a label with islands and holes; `readers` label maps of
    three readers; `scores` two maps of scores of four classes; `chances` a map of probabilities.

    Raises:
        DataError: A file isn't there.
    """
    ct = _halved(_axial(folder / _CT).data[0].numpy()[_BODY])
    spleen = (_halved(_axial(folder / _LABEL).data[0].numpy()[_BODY]) > 0.5).astype(np.uint8)
    mr, xray = _axial(folder / _MR), read_image(folder / _XRAY)
    mm = 2 * 0.9765625
    image, label = imaged(ct, mm), imaged(spleen, mm)
    organs = _organs(ct, spleen)
    pair = {"image": image, "label": label}
    turned = _turned(pair)
    lines = np.stack([ct, _lines(ct.shape)])
    scores = [_scores(organs, seed) for seed in (0, 1)]
    chance = _smooth(spleen.astype(np.float32), 4) * (0.6 + 0.4 * np.random.default_rng(0).random(ct.shape))
    return {
        "ct": pair,
        "ct_lines": {"image": imaged(lines, mm), "label": label},
        "weighted": {**pair, "weights": imaged(chance.astype(np.float32), mm)},
        "two_grids": {"image": image, "image_2": turned["image"]},
        "back": {"image": turned["image"], "pred": turned["label"], "image_in_file": image},
        "mr": {"image": imaged(mr.data[0].numpy()[:, 110].astype(np.float32), mr.grid.spacing[0])},
        "xray": {"image": imaged(_halved(xray.data[0].numpy()[:, ::-1]), 2.0)},
        "organs": {"image": image, "label": imaged(organs, mm)},
        "rough": {"image": image, "label": imaged(_holed(_smooth(ct, 0.7) > _BRIGHT), mm)},
        "readers": {"image": image, **{f"reader_{i}": imaged(_read(spleen, i), mm) for i in (1, 2, 3)}},
        "scores": {"image": image, "pred": imaged(scores[0], mm), "other": imaged(scores[1], mm)},
        "chances": {"image": image, "pred": imaged(chance.astype(np.float32), mm)},
    }


def imaged(array: Array, spacing: float) -> Image:
    """An array [X, Y] or [C, X, Y] as an image with square pixels of `spacing` mm, the first axis to the left."""
    channel = 0 if array.ndim == 3 else None
    made: Image = EnsureChannelFirst("new", channel)({"new": np.ascontiguousarray(array)})["new"]
    return Image(made.data, Grid(made.shape, np.diag([-spacing, spacing, 1])))


def _turned(pair: Sample) -> Sample:
    """Image and label on a coarser grid that is turned, as preprocessing might leave them."""
    keys, modes = list(pair), ["bilinear", "nearest"]
    steps = [Rotate(keys, 0.4, mode=modes, padding_mode="border"), Spacing(keys, 4.0, modes)]
    for step in steps:
        pair = step(pair)
    return realized(pair)


def _axial(file: Path) -> Image:
    """A volume whose first axis grows to the left and whose second to the front, as radiologists look at it."""
    image: Image = realize(Orientation("image", "LAS")({"image": read_image(file)})["image"])
    return image


def _halved(array: Array) -> NDArray[np.float32]:
    """The means of 2 x 2 pixels."""
    rows, columns = (size // 2 for size in array.shape)
    blocks = array.astype(np.float32).reshape(rows, 2, columns, 2)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)


def _lines(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Lines of one pixel, as values that are never above those of a body."""
    lines = np.full(shape, NO_LINE, dtype=np.float32)
    lines[_LINES_EVERY // 2 :: _LINES_EVERY] = lines[:, _LINES_EVERY // 2 :: _LINES_EVERY] = LINE
    return lines


def _smooth(array: Array, sigma: float) -> NDArray[np.float32]:
    smooth = GaussianSmooth("new", sigma)({"new": imaged(array, 1)})
    return np.asarray(smooth["new"].data[0].numpy())


def _organs(ct: Array, spleen: Array) -> NDArray[np.uint8]:
    """1 spleen, 2 bone, 3 what is nearly as bright as the spleen."""
    smooth = _smooth(ct, 1)
    organs = np.where(smooth > _BONE, 2, np.where(smooth > _BRIGHT, 3, 0))
    return np.where(spleen > 0, 1, organs).astype(np.uint8)


def _scores(organs: Array, seed: int) -> NDArray[np.float32]:
    """What a network might say of each class, noise included."""
    noise = np.random.default_rng(seed).normal(size=(_CLASSES, *organs.shape))
    return np.stack([6 * _smooth((organs == k).astype(np.float32), 2) + noise[k] for k in range(_CLASSES)]).astype(
        np.float32
    )


def _holed(mask: Array) -> NDArray[np.uint8]:
    """A mask with some round holes."""
    x, y = np.ogrid[: mask.shape[0], : mask.shape[1]]
    holes = [(x - across) ** 2 + (y - up) ** 2 < radius**2 for across, up, radius in _HOLES]
    return np.where(np.any(holes, axis=0), 0, mask).astype(np.uint8)


def _read(spleen: Array, number: int) -> NDArray[np.uint8]:
    """The spleen as one of several readers draws it, somewhat beside it."""
    return np.roll(spleen, ((0, 0), (9, 3), (-6, 8))[number - 1], axis=(0, 1))
