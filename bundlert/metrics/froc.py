"""Free-response ROC of lesions on slides, as in the CAMELYON16 challenge."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bundlert.metrics.base import CaseMetric
from bundlert.metrics.case import Case
from bundlert.metrics.lesions import find_peaks, label_lesions, major_axes_um

FALSE_POSITIVE, LESION, TOO_SMALL = 0.0, 1.0, 2.0  # first column of what a slide contributes; then a probability


def froc_curve(
    false_positives: Sequence[float], lesions: Sequence[float], *, targets: int, images: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """False positives an image and sensitivity, at falling thresholds.

    The thresholds are the different probabilities; the smallest is left out, and (0, 0) put at the end.

    Args:
        false_positives: Probabilities of detections that hit no lesion.
        lesions: The highest probability that hit each lesion, 0 where none did.
        targets: How many lesions count.
        images: How many images there are.

    Returns:
        False positives an image, and sensitivities, both falling.
    """
    wrong, hits = (np.sort(np.asarray(one, dtype=np.float64)) for one in (false_positives, lesions))
    thresholds = np.unique(np.concatenate([wrong, hits]))[1:]
    wrong_above = len(wrong) - np.searchsorted(wrong, thresholds, "left")
    hits_above = len(hits) - np.searchsorted(hits, thresholds, "left")
    return np.append(wrong_above, 0) / images, np.append(hits_above, 0) / targets


def froc_score(
    false_positives_per_image: NDArray[np.float64], sensitivities: NDArray[np.float64], thresholds: Sequence[float]
) -> float:
    """Mean sensitivity at some rates of false positives, linear between points of the curve.

    Args:
        false_positives_per_image: Of each point, falling.
        sensitivities: Of each point.
        thresholds: Rates of false positives an image.
    """
    return float(np.mean(np.interp(thresholds, false_positives_per_image[::-1], sensitivities[::-1])))


class FROC(CaseMetric):
    """Mean sensitivity for lesions at given numbers of false positives a slide.

    The prediction is a [1, H, W] map of tumour probabilities, the target a [1, H, W] tumour mask on the same grid; the
    spacing, in mm, is needed. Detections are the peaks of the map (see `find_peaks`), lesions the grown parts of the
    mask (see `label_lesions`). A detection within a lesion is its hit; several hits of one count once, by the highest.
    One outside of all lesions is a false positive. Isolated tumour cells (lesions shorter than `itc_diameter` plus
    `grow_distance`) count neither as lesions nor, if hit, as false positives. A lesion without a hit, and isolated
    tumour cells, have the probability 0 in the list of thresholds, of which the smallest is left out.

    All slides together make one curve; those without a lesion bring false positives. Without any lesion the figure is
    NaN; a case's own value is that of its slide alone. Source: Ehteshami Bejnordi et al., JAMA 2017.

    Args:
        grow_distance: Lesions closer than this are one, in micrometres.
        itc_diameter: Isolated tumour cells are no longer than this, in micrometres.
        eval_thresholds: Numbers of false positives a slide.
        nms_sigma: Of the Gaussian that smooths the map, in pixels.
        nms_prob_threshold: What a peak must exceed.
        nms_box_size: Side of the square around a peak in which there is no other, in pixels.

    Raises:
        ValueError: A distance or threshold is negative, or the box has no pixel.
    """

    name = "froc"

    def __init__(
        self,
        grow_distance: float = 75,
        itc_diameter: float = 200,
        *,
        eval_thresholds: Sequence[float] = (0.25, 0.5, 1, 2, 4, 8),
        nms_sigma: float = 0.0,
        nms_prob_threshold: float = 0.5,
        nms_box_size: int = 48,
    ) -> None:
        super().__init__()
        numbers = {"grow_distance": grow_distance, "itc_diameter": itc_diameter, "nms_sigma": nms_sigma}
        numbers |= {"nms_prob_threshold": nms_prob_threshold, "eval_thresholds": min(eval_thresholds, default=-1)}
        for name, number in numbers.items():
            if not number >= 0:
                raise ValueError(f"{name} must be at least 0, got {number}")
        if nms_box_size < 1:
            raise ValueError(f"nms_box_size must be at least 1, got {nms_box_size}")
        self.grow_distance, self.itc_diameter, self.eval_thresholds = grow_distance, itc_diameter, eval_thresholds
        self.nms_sigma, self.nms_prob_threshold, self.nms_box_size = nms_sigma, nms_prob_threshold, nms_box_size

    def measure(self, case: Case) -> Tensor:
        """False positives and lesions of a slide with their probabilities, [N, 2].

        Raises:
            ValueError: Both aren't [1, H, W] of one shape, a probability is NaN, or there is no spacing.
        """
        probabilities, mask, spacing_um = _slide(case)
        lesions = label_lesions(mask, spacing_um, self.grow_distance)
        too_small = major_axes_um(lesions, spacing_um) < self.itc_diameter + self.grow_distance
        scores, places = find_peaks(
            probabilities, sigma=self.nms_sigma, threshold=self.nms_prob_threshold, box=self.nms_box_size
        )
        hit = lesions[tuple(places.T)] - 1
        best = np.zeros(len(too_small))
        np.maximum.at(best, hit[hit >= 0], scores[hit >= 0])
        best[too_small] = 0
        rows = [(FALSE_POSITIVE, score) for score in scores[hit < 0]]
        rows += [(TOO_SMALL if small else LESION, score) for small, score in zip(too_small, best, strict=True)]
        return torch.tensor(rows, dtype=torch.double).reshape(-1, 2)

    def value_of(self, part: Tensor) -> float:
        """The figure of one slide alone."""
        return self._score([part])

    def total(self) -> float:
        """The figure of all slides."""
        return self._score(list(self.parts.values()))

    def curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """False positives a slide and sensitivity of all slides, at falling thresholds.

        Raises:
            ValueError: No slide has a lesion.
        """
        wrong, hits, targets = _lists(list(self.parts.values()))
        if not targets:
            raise ValueError(f"the curve needs a lesion, got none in {len(self.parts)} slides")
        return froc_curve(wrong, hits, targets=targets, images=len(self.parts))

    def _score(self, slides: list[Tensor]) -> float:
        wrong, hits, targets = _lists(slides)
        if not targets:
            return math.nan
        return froc_score(*froc_curve(wrong, hits, targets=targets, images=len(slides)), self.eval_thresholds)


def _lists(slides: list[Tensor]) -> tuple[list[float], list[float], int]:
    """Probabilities of false positives, those of lesions and isolated cells, and the number of lesions."""
    rows = torch.cat(slides) if slides else torch.zeros(0, 2)
    wrong = rows[:, 0] == FALSE_POSITIVE
    return rows[wrong, 1].tolist(), rows[~wrong, 1].tolist(), int((rows[:, 0] == LESION).sum())


def _slide(case: Case) -> tuple[NDArray[np.floating], NDArray[np.bool_], tuple[float, float]]:
    """Probabilities, tumour mask and the size of a pixel in micrometres."""
    found, right = case.prediction, case.target
    if found.ndim != 3 or found.shape != right.shape or len(found) != 1 or not found.numel():
        shapes = f"{tuple(found.shape)} and {tuple(right.shape)}"
        raise ValueError(f"probabilities and tumour mask must both be [1, H, W], got {shapes}")
    if case.spacing_mm is None:
        raise ValueError(f"FROC needs the spacing of a pixel, in mm, got none for a map of {tuple(found.shape)}")
    probabilities = found.detach().cpu()[0]
    if probabilities.isnan().any():
        raise ValueError(f"probabilities must be numbers, got {int(probabilities.isnan().sum())} that are NaN")
    probabilities = probabilities.double() if probabilities.dtype != torch.float32 else probabilities
    height, width = (size * 1000 for size in case.spacing_mm)
    return probabilities.numpy(), (right[0] > 0).cpu().numpy(), (height, width)
