"""What SimpleITK makes of a file, told as we tell it: [C, *S], and an affine into RAS+."""

from __future__ import annotations

import numpy as np
import pytest


def itk_image(file):
    """Voxels and affine as SimpleITK reads them; the test is skipped without it."""
    image = pytest.importorskip("SimpleITK").ReadImage(str(file))
    return voxels_of(image), affine_of(image)


def voxels_of(image):
    import SimpleITK

    voxels = SimpleITK.GetArrayFromImage(image)  # [Z, Y, X, C]
    if image.GetNumberOfComponentsPerPixel() == 1:
        voxels = voxels[..., None]
    return voxels.transpose(range(voxels.ndim)[::-1])


def affine_of(image):
    """LPS, as ITK has it, turned to RAS+."""
    order = image.GetDimension()
    affine = np.eye(order + 1)
    affine[:-1, :-1] = np.array(image.GetDirection()).reshape(order, order) * image.GetSpacing()
    affine[:-1, -1] = image.GetOrigin()
    affine[:2] *= -1
    return affine


def make_itk(voxels, spacing=(0.8, 1.5, 3.0), origin=(10.0, -20.0, 5.0), turn_deg=30.0):
    """An ITK image of [X, Y, Z] or [X, Y], turned about the z axis."""
    sitk = pytest.importorskip("SimpleITK")
    image = sitk.GetImageFromArray(np.ascontiguousarray(voxels.T))
    order, angle = voxels.ndim, np.deg2rad(turn_deg)
    direction = np.eye(order)
    direction[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    image.SetSpacing(spacing[:order])
    image.SetOrigin(origin[:order])
    image.SetDirection(direction.ravel())
    return image
