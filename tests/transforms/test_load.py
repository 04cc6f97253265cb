from __future__ import annotations

import nibabel
import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from bundlert.errors import DataError
from bundlert.transforms.load import LoadImage


@pytest.fixture
def scan(tmp_path):
    nibabel.save(nibabel.Nifti1Image(np.full((3, 4, 5), 7, np.int16), np.eye(4)), tmp_path / "a.nii.gz")
    return tmp_path / "a.nii.gz"


def test_paths_become_images_and_other_entries_stay(scan):
    sample = {"image": scan, "label": str(scan), "name": "a"}
    result = LoadImage(["image", "label"])(sample)
    assert result["image"].data.shape == (1, 3, 4, 5)
    assert result["image"].data.dtype == torch.int16
    assert result["label"].file == scan
    assert result["name"] == "a"
    assert sample["image"] == scan


def test_a_dtype_may_be_asked_for(scan):
    assert LoadImage("image", "float32")({"image": scan})["image"].data.dtype == torch.float32


def test_what_is_not_a_path_is_refused():
    with pytest.raises(DataError, match="'image' is not a path\n  got: int 3"):
        LoadImage("image")({"image": 3})


def test_an_unknown_dtype_is_refused_at_once():
    with pytest.raises(ValueError, match="dtype must be the name of a torch dtype, float32 for instance, got 'nn'"):
        LoadImage("image", "nn")


def test_a_picture_is_an_image_of_two_dimensions(tmp_path):
    rows = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    Pillow.fromarray(rows).save(tmp_path / "a.png")
    image = LoadImage("image")({"image": tmp_path / "a.png"})["image"]
    assert image.data.shape == (3, 4, 2)
    assert image.data[:, 1, 0].tolist() == [3, 4, 5]
