"""What losses over images and displacement fields share: which shapes fit, and in which precision they are compared."""

from __future__ import annotations

import torch
from torch import Tensor


def check_images(first: Tensor, second: Tensor, spatial_dims: int) -> None:
    """Refuse images that can't be compared voxel by voxel.

    Raises:
        ValueError: Other shapes than one and the same [B, C, *S].
    """
    if first.shape != second.shape or first.ndim != spatial_dims + 2:
        wanted = ", ".join("S" * spatial_dims)
        shapes = f"{tuple(first.shape)} and {tuple(second.shape)}"
        raise ValueError(f"both images must have one shape [B, C, {wanted}], got {shapes}")


def check_field(field: Tensor) -> None:
    """Refuse what is no displacement field, or too small for differences.

    Raises:
        ValueError: Another number of components than of axes, or an axis shorter than 3.
    """
    axes = field.ndim - 2
    if axes not in (1, 2, 3) or field.shape[1] != axes:
        raise ValueError(f"pred must be a displacement field [B, D, *S] with D axes, got {tuple(field.shape)}")
    if min(field.shape[2:]) < 3:
        raise ValueError(f"pred must have 3 voxels or more along each axis, got {tuple(field.shape)}")


def exact(image: Tensor, *company: Tensor) -> Tensor:
    """An image in float64 where any is, else in float32: never in half precision."""
    double = any(one.dtype == torch.float64 for one in (image, *company))
    return image.to(torch.float64 if double else torch.float32)
