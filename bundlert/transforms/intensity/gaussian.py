"""Gaussian blur: one axis after another, as sums of shifted images. What lies outside the image counts as 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from torch import Tensor

REACH = 4.0  # standard deviations, beyond which weights are left out
APPROXIMATIONS = ("erf", "sampled", "scalespace")


def blurred(data: Tensor, sigma: float | Sequence[float], approx: str = "erf") -> Tensor:
    """Voxels [C, *S] after a Gaussian blur, as a new tensor.

    Args:
        data: [C, *S], floating point.
        sigma: Standard deviation in voxels, for all axes or one for each; 0 leaves an axis alone.
        approx: How weights are found: see `weights_of`.

    Raises:
        ValueError: There is another number of sigmas than of axes.
    """
    axes = data.ndim - 1
    sigmas = [float(sigma)] * axes if isinstance(sigma, (int, float)) else [float(one) for one in sigma]
    if len(sigmas) != axes:
        raise ValueError(f"sigma must be one number or one for each of {axes} axes, got {sigmas}")
    new = data
    for axis, one in enumerate(sigmas, start=1):
        if one > 0:
            new = _along(new, axis, weights_of(one, approx))
    return data.clone() if new is data else new


def weights_of(sigma: float, approx: str = "erf") -> list[float]:
    """Weights of a voxel and its neighbours on one side, from the voxel on; with the other side they add up to 1.

    Args:
        sigma: Standard deviation in voxels, > 0.
        approx: `erf`, the Gaussian integrated over each voxel; `sampled`, its value at the centre; `scalespace`, the
             discrete Gaussian exp(-t) I_n(t) with t = sigma ** 2 (Lindeberg 1990), by its Fourier series.
    """
    steps = np.arange(int(max(sigma * REACH, 0.5) + 0.5) + 1)
    if approx == "erf":
        edges = [math.erf((step - 0.5) / (sigma * math.sqrt(2))) for step in (*steps, len(steps))]
        weights = np.array([outer - inner for inner, outer in pairwise(edges)])
    elif approx == "sampled":
        weights = np.exp(-0.5 * (steps / sigma) ** 2)
    else:
        waves = np.linspace(0, np.pi, 8 * len(steps) + 1)
        weights = np.fft.irfft(np.exp(sigma**2 * (np.cos(waves) - 1)))[: len(steps)]
    return [float(weight) for weight in weights / (weights[0] + 2 * weights[1:].sum())]


def check_sigma(name: str, sigma: float | Sequence[float], approx: str) -> None:
    """Make sure that no standard deviation is negative and that `approx` is known.

    Raises:
        ValueError: It isn't so.
    """
    if min([sigma] if isinstance(sigma, (int, float)) else sigma) < 0:
        raise ValueError(f"{name} must be >= 0 voxels, got {sigma}")
    if approx not in APPROXIMATIONS:
        raise ValueError(f"approx must be one of {', '.join(APPROXIMATIONS)}, got '{approx}'")


def _along(data: Tensor, axis: int, weights: list[float]) -> Tensor:
    size = data.shape[axis]
    new = data * weights[0]
    for shift, weight in enumerate(weights[1:size], start=1):
        count = size - shift
        new.narrow(axis, shift, count).add_(data.narrow(axis, 0, count), alpha=weight)
        new.narrow(axis, 0, count).add_(data.narrow(axis, shift, count), alpha=weight)
    return new
