from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.transforms.squeeze_dim import SqueezeDim


def test_a_slice_becomes_an_image_of_two_axes(make_image):
    image = make_image((4, 5, 1), spacing=(2, 3, 4))
    for dim in (-1, 3):
        result = SqueezeDim("image", dim)({"image": image})["image"]
        assert torch.equal(result.data, image.data[..., 0])
        np.testing.assert_allclose(result.affine, np.diag([2, 3, 1]))
        assert result.original is result.grid


@pytest.mark.parametrize(("axcodes", "axis"), [("LPS", 0), ("PIR", 1), ("SLA", 2)])
def test_the_axis_of_the_world_that_it_follows_goes_too(make_image, axcodes, axis):
    shape = [4, 5, 6]
    shape[axis] = 1
    image = make_image(voxels=torch.rand(shape), spacing=(2, 3, 4), axcodes=axcodes)
    result = SqueezeDim("image", axis + 1)({"image": image})["image"]
    assert result.shape == tuple(size for size in shape if size > 1)
    kept = [one for index, one in enumerate(image.grid.spacing) if index != axis]
    np.testing.assert_allclose(result.grid.spacing, kept)
    world = ["LR".find, "PA".find, "IS".find]
    rows = [row for row in range(3) if world[row](axcodes[axis]) < 0]
    columns = [index for index in range(3) if index != axis]
    np.testing.assert_allclose(result.affine[:2, :2], image.affine[np.ix_(rows, columns)])


def test_tensors_and_arrays_lose_an_axis():
    sample = {"a": torch.zeros(1, 3), "b": np.zeros((1, 1, 3))}
    result = SqueezeDim(["a", "b"])(sample)
    assert result["a"].shape == (3,)
    assert result["b"].shape == (1, 3)


def test_what_can_not_go_is_refused(make_image):
    with pytest.raises(DataError, match=r"'image' has no axis 1 of length 1\n  got: shape \(1, 4, 5, 1\)"):
        SqueezeDim("image", 1)({"image": make_image((4, 5, 1))})
    with pytest.raises(DataError, match="'image' has no axis 7 of length 1"):
        SqueezeDim("image", 7)({"image": make_image((4, 5, 1))})
    with pytest.raises(DataError, match="'image' is an image and keeps its channels and one axis"):
        SqueezeDim("image", 0)({"image": make_image((4, 5, 1))})
    with pytest.raises(DataError, match="'a' has no axes\n  got: str"):
        SqueezeDim("a")({"a": "text"})
