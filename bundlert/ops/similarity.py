"""Structural similarity of images, window by window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from bundlert.ops.windows import Kernel, gaussian, windowed

_KERNELS = ("gaussian", "uniform")


@dataclass(frozen=True)
class Similarity:
    """(2 m_x m_y + c1) (2 s_xy + c2) / ((m_x^2 + m_y^2 + c1) (s_x^2 + s_y^2 + c2)) of each window that lies inside.

    m are means of a window, s^2 variances, s_xy the covariance, c1 = (k1 data_range)^2, c2 = (k2 data_range)^2. Source:
    Wang et al., Image quality assessment, IEEE TIP 2004, eq. 13.

    Attributes:
        data_range: The greatest value less the least that images can have.
        kernel_type: How much the voxels of a window count: `gaussian` or `uniform`.
        win_size: How wide a window is, in voxels; one number, or one an axis.
        kernel_sigma: The standard deviation of a Gaussian, in voxels; one number, or one an axis.
        k1: Keeps the ratio of means finite.
        k2: Keeps the ratio of variances finite.

    Raises:
        ValueError: An unknown kernel, or a range or size that isn't positive and finite.
    """

    data_range: float
    kernel_type: str
    win_size: int | Sequence[int]
    kernel_sigma: float | Sequence[float]
    k1: float
    k2: float

    def __post_init__(self) -> None:
        """Refuse what no image has a similarity with."""
        if self.kernel_type not in _KERNELS:
            raise ValueError(f"kernel_type must be {' or '.join(_KERNELS)}, got '{self.kernel_type}'")
        for name in ("data_range", "win_size", "kernel_sigma"):
            size = getattr(self, name)
            if not all(0 < one < math.inf for one in ([size] if isinstance(size, int | float) else size)):
                raise ValueError(f"{name} must be positive and finite, got {size}")

    def kernels(self, axes: int) -> list[Kernel]:
        """The weights of a window along each axis.

        Raises:
            ValueError: Sizes for another number of axes.
        """
        sizes, sigmas = _of_axes("win_size", self.win_size, axes), _of_axes("kernel_sigma", self.kernel_sigma, axes)
        return [_kernel(self.kernel_type, int(size), sigma) for size, sigma in zip(sizes, sigmas, strict=True)]

    def mean(self, x: Tensor, y: Tensor) -> Tensor:
        """The mean over channels and windows, for each item; differentiable.

        Shape:
            x and y [B, C, *S], of one shape and type -> [B]

        Raises:
            ValueError: Images smaller than a window.
        """
        kernels = self.kernels(x.ndim - 2)
        wide = tuple(len(kernel) for kernel in kernels)
        if any(size < width for size, width in zip(x.shape[2:], wide, strict=True)):
            raise ValueError(f"images must be as large as a window, {wide}, got {tuple(x.shape[2:])}")
        c1, c2 = (self.k1 * self.data_range) ** 2, (self.k2 * self.data_range) ** 2
        m_x, m_y, xx, yy, xy = windowed(torch.stack([x, y, x * x, y * y, x * y]), kernels)
        means = (2 * m_x * m_y + c1) / (m_x * m_x + m_y * m_y + c1)
        changes = (2 * (xy - m_x * m_y) + c2) / (xx - m_x * m_x + yy - m_y * m_y + c2)
        found: Tensor = (means * changes).flatten(1).mean(1)
        return found


def _of_axes(name: str, given: float | Sequence[float], axes: int) -> list[float]:
    found = [given] * axes if isinstance(given, int | float) else list(given)
    if len(found) != axes:
        raise ValueError(f"{name} must have one for each of {axes} axes, got {found}")
    return found


def _kernel(kind: str, size: int, sigma: float) -> Kernel:
    if kind == "uniform":
        return (1 / size,) * size
    weights = gaussian(size, sigma)
    return tuple(weight / sum(weights) for weight in weights)
