"""Keep slices of validation cases, for the report."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bundlert.engines.evaluator import PREDICTION, Evaluator
from bundlert.engines.trainer import Trainer
from bundlert.files import atomic
from bundlert.transforms.base import Sample, image_of
from bundlert.transforms.lazy import realize

_NO_FILE_NAME = re.compile(r"[^\w .+-]|^\.")


class PreviewSaver:
    """Write one slice of each validation case to `previews/epoch_<n>/<case>.npz`.

    Of a volume [C, X, Y, Z] in RAS it is an axial one through the middle of the label, of an image [C, X, Y] the whole.

    Args:
        folder: The run folder.
        evaluator: The one that validates.
        cases: At most so many.
        image_key: The image's name in a sample.
        label_key: The label's name in a sample.
    """

    def __init__(
        self, folder: str, evaluator: Evaluator, cases: int = 4, image_key: str = "image", label_key: str = "label"
    ) -> None:
        self.folder, self.evaluator, self.cases = Path(folder) / "previews", evaluator, cases
        self.image_key, self.label_key = image_key, label_key

    def attach(self, trainer: Trainer) -> None:
        """Watch what the evaluator predicts."""
        self.evaluator.observers.append(lambda sample: self._keep(sample, trainer.epoch))

    def _keep(self, sample: Sample, epoch: int) -> None:
        folder = self.folder / f"epoch_{epoch:04d}"
        name = _NO_FILE_NAME.sub("_", str(sample.get("name", "case")))
        if folder.is_dir() and len(list(folder.glob("[!.]*.npz"))) >= self.cases:
            return
        whole = realize(image_of(sample, self.image_key))
        image, label = whole.data[0], realize(image_of(sample, self.label_key)).data[0]
        prediction = image_of(sample, PREDICTION).data
        labels = prediction.argmax(dim=0) if prediction.shape[0] > 1 else prediction[0]
        plane = (..., _middle(label)) if label.ndim == 3 else ...
        slices: dict[str, Any] = {
            "image": _shown(image[plane]),
            "truth": _upright(label[plane].to(torch.uint8)),
            "prediction": _upright(labels[plane].to(torch.uint8)),
            "spacing": np.array(whole.grid.spacing[1::-1]),  # mm from row to row, from column to column
        }
        with atomic(folder / f"{name}.npz") as temporary:
            np.savez_compressed(temporary, **slices)


def _middle(label: Tensor) -> int:
    """The slice in the middle of what is labelled, or of the volume."""
    heights = (label > 0).flatten(0, -2).any(dim=0).nonzero()
    return int(heights[len(heights) // 2]) if len(heights) else label.shape[-1] // 2


def _shown(image: Tensor) -> NDArray[np.uint8]:
    low, high = float(image.min()), float(image.max())
    return _upright(((image - low) * (255 / max(high - low, 1e-6))).to(torch.uint8))


def _upright(plane: Tensor) -> NDArray[np.uint8]:
    """An axial plane of a RAS volume as radiologists look at it: the patient's right on the left, front at the top."""
    picture: NDArray[np.uint8] = plane.cpu().numpy().T[::-1, ::-1]
    return np.ascontiguousarray(picture)
