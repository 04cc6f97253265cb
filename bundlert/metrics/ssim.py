"""Structural similarity of images."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from bundlert.metrics.image_metric import ImageMetric
from bundlert.ops.similarity import Similarity


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

    name = "ssim"

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
        self.spatial_dims = spatial_dims
        self.similarity = Similarity(data_range, kernel_type, win_size, kernel_sigma, k1, k2)

    def figure(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Mean similarity.

        Raises:
            ValueError: The images have another number of axes, or are smaller than a window.
        """
        axes = target.ndim - 1
        if self.spatial_dims not in (None, axes) or not 1 <= axes <= 3:
            wanted = self.spatial_dims or "1 to 3"
            raise ValueError(f"images must have {wanted} spatial axes behind the channel, got {tuple(target.shape)}")
        return self.similarity.mean(prediction[None], target[None])
