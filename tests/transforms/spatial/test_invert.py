from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.compose import Compose
from bundlert.transforms.crop.foreground import CropForeground
from bundlert.transforms.intensity.scale_range import ScaleIntensityRange
from bundlert.transforms.label.activations import Activations
from bundlert.transforms.label.as_discrete import AsDiscrete
from bundlert.transforms.lazy import realize, realized
from bundlert.transforms.load import LoadImage
from bundlert.transforms.spatial.invert import Invert
from bundlert.transforms.spatial.orientation import Orientation
from bundlert.transforms.spatial.spacing import Spacing

OBLIQUE = np.array([[0.05, -1.1, 0.2, 10], [-0.8, 0.05, -0.3, 20], [0.1, 0.2, -3, 5], [0, 0, 0, 1.0]])


def forward(keys=("image", "label"), spacing=(1.5, 1.5, 2.0)):
    return Compose(
        [
            Orientation(keys),
            Spacing(keys, spacing, mode=["bilinear", "nearest"]),
            ScaleIntensityRange("image", -57, 164, clip=True),
            CropForeground(keys, "image"),
        ]
    )


def dice(one: torch.Tensor, other: torch.Tensor) -> float:
    return 2 * float((one & other).sum()) / float(one.sum() + other.sum())


def test_back_on_the_file_the_shape_and_affine_are_the_inputs():
    grid = Grid((20, 22, 12), OBLIQUE)
    blob = torch.zeros(1, *grid.shape)
    blob[:, 5:15, 6:18, 3:9] = 100
    sample = realized(forward()({"image": Image(blob, grid), "label": Image((blob > 0).byte(), grid)}))
    sample["pred"] = sample["image"].with_data(sample["label"].data)
    result = realize(Invert("pred", "image", mode="nearest")(sample)["pred"])
    assert result.shape == grid.shape
    np.testing.assert_array_equal(result.grid.affine, OBLIQUE)
    assert dice(result.data > 0, blob > 0) > 0.9


def test_exact_steps_are_undone_exactly(make_image):
    image = make_image((6, 7, 8), axcodes="PSR")
    turned = realized(Orientation("image")({"image": image}))
    assert torch.equal(realize(Invert("image", "image")(turned)["image"]).data, image.data)


def test_what_was_cropped_away_is_zero(make_image):
    image = make_image(voxels=torch.nn.functional.pad(torch.ones(2, 2, 2), (2,) * 6))
    sample = realized(CropForeground("image", "image")({"image": image}))
    assert sample["image"].shape == (2, 2, 2)
    back = realize(Invert("image", "image")({"image": sample["image"]})["image"])
    assert torch.equal(back.data, image.data)


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_no_slice_at_the_end_is_lost(mode):
    """20 slices of 2 mm at 4 mm are 10 (9.5 + 1 rounds to 10): the last of 20 lies on the face of the last of 10."""
    image = Image(torch.ones(1, 1, 1, 20), Grid((1, 1, 20), np.diag([1.0, 1, 2, 1])))
    sample = realized(Spacing("image", (1, 1, 4))({"image": image}))
    assert sample["image"].shape == (1, 1, 10)
    assert (realize(Invert("image", "image", mode)(sample)["image"]).data == 1).all()


def test_a_prediction_on_another_grid_is_refused(make_image):
    sample = {"image": make_image((6, 7, 8)), "pred": make_image((6, 7, 9))}
    with pytest.raises(DataError, match="'pred' doesn't lie on the grid of 'image'"):
        Invert("pred", "image")(sample)


@pytest.mark.parametrize(("case", "least"), [("spleen_2", 0.97), ("spleen_1", 0.97)])
def test_a_real_label_survives_the_way_there_and_back(real_data, case, least):
    folder = real_data / "Task09_Spleen_mini"
    paths = {"image": folder / "imagesTr" / f"{case}.nii.gz", "label": folder / "labelsTr" / f"{case}.nii.gz"}
    original = LoadImage(["image", "label"])(paths)
    sample = realized(forward()(original))
    classes = torch.cat([1.0 - sample["label"].data, 0.0 + sample["label"].data])
    sample["pred"] = sample["image"].with_data(20 * classes)
    after = Compose([Activations("pred", softmax=True), Invert("pred", "image"), AsDiscrete("pred", argmax=True)])
    result = after(sample)["pred"]
    np.testing.assert_array_equal(result.grid.affine, original["image"].grid.affine)
    assert result.shape == original["image"].shape
    assert dice(result.data > 0, original["label"].data > 0) > least
