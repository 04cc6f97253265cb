"""Labels of a prediction beside those of its target, and their counts."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Labels(NamedTuple):
    """Both sides of a case, as labels or as masks that may overlap.

    Attributes:
        prediction: [*S] whole numbers; [K, *S] booleans if `masks`.
        target: As the prediction.
        channels: How many channels the prediction had.
        masks: Whether each class has a mask of its own.
        highest: The highest label of both sides; 1 if `masks`.
    """

    prediction: Tensor
    target: Tensor
    channels: int
    masks: bool
    highest: int

    def classes(self, num_classes: int | None) -> int:
        """How many classes there are, the background included.

        Args:
            num_classes: What is expected; what the scores or labels show, if None.

        Raises:
            ValueError: A label is beyond `num_classes`, or there are more or fewer masks.
        """
        if self.masks:
            if num_classes not in (None, self.channels):
                raise ValueError(f"there must be num_classes masks, {num_classes}, got {self.channels}")
            return self.channels
        classes = num_classes or max(self.channels, self.highest + 1, 2)
        if self.highest >= classes:
            raise ValueError(f"labels must be below num_classes, {classes}, got {self.highest}")
        return classes

    def counts(self, classes: int) -> Tensor:
        """Voxels of each class that are true positive, false positive, false negative, true negative: [K, 4]."""
        if self.masks:
            found, right = self.prediction.flatten(1), self.target.flatten(1)
            both, found, right = ((found & right).sum(1), found.sum(1), right.sum(1))
            voxels = self.target[0].numel()
        else:
            kind = torch.uint8 if classes**2 <= 256 else torch.long  # bytes are several times faster
            sides = [side.flatten().to(kind) for side in (self.prediction, self.target)]
            pairs = torch.add(*sides, alpha=classes)
            together = torch.bincount(pairs, minlength=classes * classes).view(classes, classes)
            both, found, right = together.diagonal(), together.sum(0), together.sum(1)
            voxels = self.target.numel()
        return torch.stack([both, found - both, right - both, voxels - found - right + both], dim=1).double().cpu()


def read_labels(prediction: Tensor, target: Tensor) -> Labels:
    """Labels from what a network gives and a file has.

    Args:
        prediction: [1, *S] labels, or [K, *S] scores of which the highest wins. [K, *S] masks where the target has
            masks.
        target: [1, *S] labels, or [K, *S] masks, one a class, of 0 and 1.

    Raises:
        ValueError: The shapes don't agree, there is no voxel, scores are NaN, labels aren't whole numbers from 0, or
            masks hold something else than 0 and 1.
    """
    masks = target.ndim > 0 and target.shape[0] > 1
    agree = prediction.ndim == target.ndim > 0 and prediction.shape[1:] == target.shape[1:]
    if not agree or (masks and prediction.shape[0] != target.shape[0]):
        shapes = f"{tuple(prediction.shape)} and {tuple(target.shape)}"
        raise ValueError(f"prediction [K, *S] and target [1, *S] must agree, got {shapes}")
    if not target.numel() or not prediction.numel():
        raise ValueError(f"prediction and target must have voxels, got the shape {tuple(prediction.shape)}")
    target = target.to(prediction.device)
    if masks:
        sides = _as_mask(prediction, "prediction"), _as_mask(target, "target")
        return Labels(*sides, channels=len(target), masks=True, highest=1)
    channels = len(prediction)
    found = _winners(prediction) if channels > 1 else prediction[0]
    sides = _as_whole(found, "prediction"), _as_whole(target[0], "target")
    highest = max(_highest(side, name) for side, name in zip(sides, ("prediction", "target"), strict=True))
    return Labels(*sides, channels=channels, masks=False, highest=highest)


def _winners(scores: Tensor) -> Tensor:
    """The channel with the highest score."""
    best, labels = scores.max(dim=0)  # 40 times faster than argmax; of scores with NaN, NaN is the highest
    if best.is_floating_point() and best.isnan().any():
        raise ValueError(f"scores must be numbers, got {int(best.isnan().sum())} voxels with NaN")
    return labels


def _as_whole(labels: Tensor, side: str) -> Tensor:
    """Labels of a whole-number type."""
    if labels.dtype == torch.bool:
        return labels.to(torch.uint8)
    if not labels.is_floating_point():
        return labels
    broken = labels != labels.round()  # NaN too
    if broken.any():
        raise ValueError(f"labels must be whole numbers, got {float(labels[broken][0]):.6g} in the {side}")
    return labels.long()


def _highest(labels: Tensor, side: str) -> int:
    lowest, highest = (int(bound) for bound in labels.aminmax())
    if lowest < 0:
        raise ValueError(f"labels must not be negative, got {lowest} in the {side}")
    return highest


def _as_mask(values: Tensor, side: str) -> Tensor:
    strange = (values != 0) & (values != 1)  # NaN too
    if strange.any():
        found = f"{float(values[strange][0]):.6g} in the {side}"
        raise ValueError(f"several channels of a target are masks, so both sides must hold 0 and 1, got {found}")
    return values == 1
