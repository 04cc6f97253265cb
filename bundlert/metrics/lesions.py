"""Lesions of a slide, and the peaks of a probability map, as the CAMELYON16 challenge defines them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bundlert.ops.peaks import peaks


def label_lesions(mask: NDArray[np.bool_], spacing_um: tuple[float, float], grow_um: float) -> NDArray[np.intp]:
    """Number the lesions of a slide from 1.

    Each is grown by all pixels that are closer than half of `grow_um`; holes are filled; what touches then, at a corner
    too, is one lesion.

    Args:
        mask: Where there is tumour.
        spacing_um: Height and width of a pixel.
        grow_um: Distance below which lesions become one, about.

    Shape:
        mask (H, W) -> (H, W), 0 where there is no lesion
    """
    if not mask.any():
        return np.zeros(mask.shape, dtype=np.intp)
    grown = ndimage.distance_transform_edt(~mask, sampling=spacing_um) < grow_um / 2
    grown |= mask  # without growth, no distance is less than 0
    labels: NDArray[np.intp] = ndimage.label(ndimage.binary_fill_holes(grown), np.ones((3, 3)))[0].astype(np.intp)
    return labels


def major_axes_um(lesions: NDArray[np.intp], spacing_um: tuple[float, float]) -> NDArray[np.float64]:
    """Length of each lesion: the major axis of the ellipse with its second moments, a pixel being a filled square.

    Args:
        lesions: Numbered from 1.
        spacing_um: Height and width of a pixel.

    Shape:
        lesions (H, W) -> (lesions,)
    """
    places = np.nonzero(lesions)
    number = lesions[places] - 1
    sizes = np.bincount(number)
    centred = []
    for place, spacing in zip(places, spacing_um, strict=True):
        along = place * spacing
        centred.append(along - (np.bincount(number, along) / sizes)[number])
    high, wide = (
        np.bincount(number, one * one) / sizes + spacing**2 / 12
        for one, spacing in zip(centred, spacing_um, strict=True)
    )
    both = np.bincount(number, centred[0] * centred[1]) / sizes
    greatest = (high + wide + np.sqrt((high - wide) ** 2 + 4 * both**2)) / 2
    lengths: NDArray[np.float64] = 4 * np.sqrt(greatest)
    return lengths


def find_peaks(
    probabilities: NDArray[np.floating], *, sigma: float, threshold: float, box: int
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The highest pixel, then the highest outside of its box, and so on, as long as it is above a threshold.

    Args:
        probabilities: A map of them.
        sigma: Of a Gaussian that smooths the map first, in pixels; 0 for none.
        threshold: What a peak must exceed, from 0.
        box: Side of the square around a peak in which there is no other, in pixels.

    Shape:
        probabilities (H, W) -> (peaks,) their probabilities and (peaks, 2) their rows and columns, the highest first

    Of equal pixels, the first in reading order is taken.
    """
    smooth = ndimage.gaussian_filter(probabilities, sigma, mode="nearest") if sigma > 0 else probabilities
    places = np.array(list(peaks(smooth, threshold, (box, box))), dtype=np.intp).reshape(-1, 2)
    return smooth[tuple(places.T)].astype(np.float64), places
