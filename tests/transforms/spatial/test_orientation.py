from __future__ import annotations

from itertools import permutations, product

import nibabel
import numpy as np
import pytest
import torch
from nibabel import orientations

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.lazy import realize
from bundlert.transforms.spatial.orientation import Orientation

AXCODES = [
    "".join(pair[side] for pair, side in zip(pairs, sides, strict=True))
    for pairs in permutations(("LR", "PA", "IS"))
    for sides in product((0, 1), repeat=3)
]


@pytest.mark.parametrize("axcodes", AXCODES)
def test_from_each_of_48_orientations_voxels_and_affine_are_nibabels(axcodes):
    voxels = np.random.default_rng(0).integers(-1000, 1000, (3, 4, 5)).astype(np.int16)
    upright = nibabel.Nifti1Image(voxels, np.diag([0.8, 1.5, 3, 1]))
    turn = orientations.ornt_transform(orientations.axcodes2ornt("RAS"), orientations.axcodes2ornt(axcodes))
    scan = upright.as_reoriented(turn)
    image = Image(torch.from_numpy(scan.get_fdata(dtype=np.float32))[None], Grid(scan.shape, scan.affine))

    result = realize(Orientation("image")({"image": image})["image"])
    np.testing.assert_array_equal(result.data[0], voxels)
    np.testing.assert_allclose(result.grid.affine, upright.affine, atol=1e-12)

    back = realize(Orientation("image", axcodes)({"image": result})["image"])
    assert torch.equal(back.data, image.data)
    np.testing.assert_allclose(back.grid.affine, scan.affine, atol=1e-12)


@pytest.mark.parametrize("axcodes", ["RAR", "RAX", "xyz", "RRAS"])
def test_wrong_axcodes_are_refused_at_once(axcodes):
    with pytest.raises(ValueError, match=f"one letter of each pair L/R, P/A, I/S, got '{axcodes}'"):
        Orientation("image", axcodes)
