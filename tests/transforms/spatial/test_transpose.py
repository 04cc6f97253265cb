from itertools import permutations

import numpy as np
import pytest
import torch
from transforms.spatial.by_scipy import SHAPES, blocks, smooth

from bundlert.transforms.lazy import realize
from bundlert.transforms.spatial.spacing import Spacing
from bundlert.transforms.spatial.transpose import Transpose

CASES = [(shape, order) for shape in SHAPES for order in permutations(range(1, len(shape) + 1))]


@pytest.mark.parametrize(("shape", "order"), CASES)
def test_voxels_are_numpys_bit_by_bit_and_stay_in_the_world(shape, order):
    image, label = smooth(shape), blocks(shape)
    result = Transpose(["image", "label"], [0, *order])({"image": image, "label": label})
    for key, old in (("image", image), ("label", label)):
        new = realize(result[key])
        np.testing.assert_array_equal(new.data, np.transpose(old.data.numpy(), [0, *order]))
        assert new.data.dtype == old.data.dtype
        place = np.arange(1, len(shape) + 1)
        moved = [place[axis - 1] for axis in order]
        np.testing.assert_allclose(new.grid.affine @ [*moved, 1], old.grid.affine @ [*place, 1], atol=1e-12)


def test_the_other_order_undoes_it():
    image = smooth()
    there = Transpose("image", [0, 2, 3, 1])({"image": image})
    back = Transpose("image", [0, 3, 1, 2])(there)["image"]
    assert back.target.same_as(image.grid)
    assert torch.equal(realize(back).data, image.data)


def test_it_waits_for_the_next_resampling():
    image = smooth()
    turned = Transpose("image", (0, 3, 1, 2))({"image": image})
    assert turned["image"].data is image.data
    both = realize(Spacing("image", 2.0)(turned)["image"])
    apart = realize(Spacing("image", 2.0)({"image": realize(turned["image"])})["image"])
    torch.testing.assert_close(both.data, apart.data)


@pytest.mark.parametrize("indices", [[1, 0, 2], [0, 1, 1], [0, 2], [], [0, -1, 1]])
def test_other_indices_are_refused(indices):
    with pytest.raises(ValueError, match="indices must be 0 and then the other axes"):
        Transpose("image", indices)


def test_as_many_indices_as_axes():
    with pytest.raises(ValueError, match=r"indices must be 4, got \[0, 2, 1\]"):
        Transpose("image", [0, 2, 1])({"image": smooth()})
