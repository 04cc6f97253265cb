from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.images.image import Wanted
from bundlert.transforms.intensity.voxels import VoxelTransform, in_memory_order, in_parts, memory_order


class Negative(VoxelTransform):
    def changed(self, data):
        assert data.dtype == torch.float32
        return -data


@pytest.mark.parametrize("dtype", [torch.int16, torch.uint8, torch.float16, torch.float64, torch.float32])
def test_voxels_of_any_dtype_become_float32(picture, dtype):
    image = picture(torch.arange(6).view(1, 2, 3).to(dtype))
    result = Negative("image")({"image": image, "name": "a"})
    assert result["name"] == "a"
    assert result["image"].data.dtype == torch.float32
    assert result["image"].data.tolist() == [[[0, -1, -2], [-3, -4, -5]]]
    assert image.data.dtype == dtype


def test_what_is_pending_is_done_first(make_image):
    image = make_image(shape=(4, 5, 6))
    cropped = image.grid.cropped((1, 1, 1), (2, 2, 2))
    pending = type(image)(image.data, image.grid, wanted=Wanted(cropped))
    assert torch.equal(Negative("image").apply(pending).data, -image.data[:, 1:3, 1:3, 1:3])


def test_parts_are_the_channels_or_the_whole():
    data = torch.arange(12.0).view(3, 2, 2)
    assert torch.equal(in_parts(data, False, lambda part: part - part.max()), data - 11)
    own = torch.stack([data[0] - 3, data[1] - 7, data[2] - 11])
    assert torch.equal(in_parts(data, True, lambda part: part - part.max()), own)
    assert np.array_equal(in_parts(data[:1], True, lambda part: part - part.max()), own[:1])


def test_axes_are_ordered_as_memory_is():
    assert memory_order(torch.zeros(2, 3, 4)) == [0, 1, 2]
    turned = torch.zeros(2, 3, 4).permute(2, 0, 1)
    assert memory_order(turned) == [1, 2, 0]
    assert in_memory_order(turned).is_contiguous()
