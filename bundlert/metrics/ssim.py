"""Structural similarity of images."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from bundlert.metrics.image_metric import ImageMetric


class SSIM(ImageMetric):
    """Structural similarity: mean over all windows and channels of a case, then over cases; 1 for equal images.

    In each window, (2 m_p m_t + c1) (2 s_pt + c2) / ((m_p^2 + m_t^2 + c1) (s_p + s_t + c2)) of the weighted means,
    variances and covariance, with c1 = (k1 data_range)^2 and c2 = (k2 data_range)^2. Only windows that lie within the
    image count. Both images are [C, *S] of 1 to 3 spatial axes. An image with a voxel that isn't a finite number is
    refused. Source: Wang et al., IEEE Transactions on Image Processing 2004.

    Args:
        spatial_dims: How many spatial axes the images have; whatever they have, if None.
        data_range: The range of the images: the greatest possible value less the smallest.
        kernel_type: Weights of a window: `gaussian` or `uniform`.
        win_size: Voxels of a window along each axis; one number for all axes.
        kernel_sigma: Of the Gaussian along each axis, in voxels; one number for all axes.
        k1: Steadies the comparison of means.
        k2: Steadies the comparison of variances.

    Raises:
        ValueError: The weights have another name, or a size isn't positive.
    """

    def __init__(
        self,
        spatial_dims: int | None = None,
        data_range: float = 1.0,
        *,
        kernel_type: str = "gaussian",
        win_size: int | Sequence[int] = 11,
        kernel_sigma: float | Sequence[float] = 1.5,
        k1: float = 0.01,
        k2: float = 0.03,
    ) -> None:
        super().__init__()
        if kernel_type not in ("gaussian", "uniform"):
            raise ValueError(f"kernel_type must be gaussian or uniform, got '{kernel_type}'")
        sizes = {"win_size": win_size, "kernel_sigma": kernel_sigma, "data_range": data_range}
        for name, size in sizes.items():
            if not all(0 < one < math.inf for one in ([size] if isinstance(size, int | float) else size)):
                raise ValueError(f"{name} must be positive and finite, got {size}")
        self.spatial_dims, self.data_range, self.kernel_type = spatial_dims, data_range, kernel_type
        self.win_size, self.kernel_sigma, self.k1, self.k2 = win_size, kernel_sigma, k1, k2

    def figure(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Mean similarity.

        Raises:
            ValueError: The images have another number of axes, or are smaller than a window.
        """
        axes = target.ndim - 1
        if self.spatial_dims not in (None, axes) or not 1 <= axes <= 3:
            wanted = self.spatial_dims or "1 to 3"
            raise ValueError(f"images must have {wanted} spatial axes behind the channel, got {tuple(target.shape)}")
        kernels = [self._kernel(*one) for one in zip(*self._windows(axes), strict=True)]
        window = tuple(len(kernel) for kernel in kernels)
        if any(size < wide for size, wide in zip(target.shape[1:], window, strict=True)):
            raise ValueError(f"images must be as large as a window, {window}, got {tuple(target.shape[1:])}")
        maps = torch.stack([prediction, target, prediction**2, target**2, prediction * target])
        for axis, kernel in enumerate(kernels):
            maps = _weighted(maps, kernel, axis + 2)
        return self._similarity(*maps).mean()

    def _similarity(self, found: Tensor, right: Tensor, found_2: Tensor, right_2: Tensor, both: Tensor) -> Tensor:
        """Similarity of each window, from its means of values, squares and products."""
        steady, steady_2 = (self.k1 * self.data_range) ** 2, (self.k2 * self.data_range) ** 2
        means, squares = found * right, found**2 + right**2
        above = (2 * means + steady) * (2 * (both - means) + steady_2)
        return above / ((squares + steady) * (found_2 + right_2 - squares + steady_2))

    def _windows(self, axes: int) -> tuple[Sequence[int], Sequence[float]]:
        sizes = [self.win_size] * axes if isinstance(self.win_size, int) else self.win_size
        sigmas = [self.kernel_sigma] * axes if isinstance(self.kernel_sigma, int | float) else self.kernel_sigma
        for name, given in (("win_size", sizes), ("kernel_sigma", sigmas)):
            if len(given) != axes:
                raise ValueError(f"{name} must have one for each of {axes} axes, got {list(given)}")
        return sizes, sigmas

    def _kernel(self, size: int, sigma: float) -> Tensor:
        if self.kernel_type == "uniform":
            return torch.full((size,), 1 / size, dtype=torch.double)
        off = torch.arange(size, dtype=torch.double) - (size - 1) / 2
        weights = (-(off**2) / (2 * sigma**2)).exp()
        return weights / weights.sum()


def _weighted(maps: Tensor, kernel: Tensor, axis: int) -> Tensor:
    """Weighted means along an axis, of windows within the maps."""
    places = maps.shape[axis] - len(kernel) + 1
    means = torch.zeros_like(maps.narrow(axis, 0, places))
    for start, weight in enumerate(kernel.tolist()):  # several times faster than a convolution of 64-bit floats
        means.add_(maps.narrow(axis, start, places), alpha=weight)
    return means
