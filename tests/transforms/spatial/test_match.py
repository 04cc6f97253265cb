from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from transforms.spatial.by_scipy import OBLIQUE, blocks, check, smooth

from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.lazy import realize, wish
from bundlert.transforms.spatial.match import ResampleToMatch


def other() -> Image:
    """A grid of its own, askew to that of `smooth` and partly beside it."""
    turn = np.array([[0.9, -0.3, 0.1, 1], [0.2, 1.1, 0, 2], [0, 0.1, 0.8, -1], [0, 0, 0, 1]])
    return Image(torch.zeros(1, 8, 9, 10), Grid((8, 9, 10), OBLIQUE @ turn))


@pytest.mark.parametrize("padding", ["border", "zeros"])
def test_it_looks_up_what_scipy_looks_up(padding):
    sample = {"image": smooth(), "label": blocks(), "like": other()}
    result = ResampleToMatch(["image", "label"], "like", ["bilinear", "nearest"], padding)(sample)
    matrix = np.linalg.inv(OBLIQUE) @ other().grid.affine
    check(result["image"], sample["image"], matrix, (8, 9, 10), padding=padding)
    check(result["label"], sample["label"], matrix, (8, 9, 10), mode="nearest", padding=padding)
    assert result["image"].target is other().grid or result["image"].target.same_as(other().grid)


def in_itk(sitk, image: Image):
    """The same in LPS+, axes counted from the last."""
    found = sitk.GetImageFromArray(image.data[0].numpy().transpose())
    affine = np.diag([-1, -1, 1, 1]) @ image.grid.affine
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    found.SetSpacing(spacing.tolist())
    found.SetOrigin(affine[:3, 3].tolist())
    found.SetDirection((affine[:3, :3] / spacing).flatten().tolist())
    return found


def orthogonal(shape, angles, origin, spacing) -> Grid:
    affine = np.eye(4)
    affine[:3, :3] = Rotation.from_euler("xyz", angles).as_matrix() * spacing
    affine[:3, 3] = origin
    return Grid(shape, affine)


def test_it_is_simpleitks_resample():
    sitk = pytest.importorskip("SimpleITK")
    image = Image(smooth().data, orthogonal((13, 12, 11), (0.1, 0.2, 0.3), (5, -3, 2), (1, 1.5, 2)))
    like = Image(torch.zeros(1, 9, 8, 7), orthogonal((9, 8, 7), (0.3, -0.1, 0.2), (7, 0, 6), (0.8, 1.1, 1.3)))
    ours = realize(ResampleToMatch("image", "like", padding_mode="zeros")({"image": image, "like": like})["image"])
    theirs = sitk.Resample(in_itk(sitk, image), in_itk(sitk, like), sitk.Transform(), sitk.sitkLinear, 0.0)
    np.testing.assert_allclose(ours.data[0], sitk.GetArrayFromImage(theirs).transpose(), atol=1e-4)
    assert (ours.data != 0).double().mean() > 0.3


def test_a_pending_grid_is_matched():
    like = other()
    like = wish(like, like.grid.flipped([1]))
    result = ResampleToMatch("image", "like")({"image": smooth(), "like": like})
    assert result["image"].target.same_as(other().grid.flipped([1]))


def test_images_of_other_dimensions_are_refused():
    with pytest.raises(
        DataError, match=r"'image' and 'like' differ in their number of axes\n  got: \(17, 14\), \(8, 9, 10\)"
    ):
        ResampleToMatch("image", "like")({"image": smooth((17, 14)), "like": other()})
