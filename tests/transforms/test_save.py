from __future__ import annotations

import nibabel
import numpy as np
import pytest
import torch
from images.dicom.slices import write_slice

from bundlert.errors import DataError
from bundlert.images.reading import read_image
from bundlert.transforms.compose import Compose
from bundlert.transforms.lazy import realized
from bundlert.transforms.load import LoadImage
from bundlert.transforms.save import SaveImage
from bundlert.transforms.spatial.invert import Invert
from bundlert.transforms.spatial.orientation import Orientation
from bundlert.transforms.spatial.spacing import Spacing

AFFINE = np.array([[-0.83, 0.01, 0, 10.123], [0.02, 1.57, -0.3, 20], [0, 0.2, 3.1, 5], [0, 0, 0, 1]])


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_mask_lies_exactly_on_the_input(tmp_path, suffix):
    nibabel.save(nibabel.Nifti1Image(np.full((12, 13, 14), 7, np.int16), AFFINE), tmp_path / "ct.nii.gz")
    forward = Compose([LoadImage("image"), Orientation("image"), Spacing("image", 1.5)])
    sample = realized(forward({"image": tmp_path / "ct.nii.gz", "output": str(tmp_path / "out" / f"mask{suffix}")}))
    sample["pred"] = sample["image"].with_data(torch.ones_like(sample["image"].data, dtype=torch.uint8))
    result = Compose([Invert("pred", "image", mode="nearest"), SaveImage("pred")])(sample)
    assert set(result) == {"image", "output", "pred"}
    source, mask = nibabel.load(tmp_path / "ct.nii.gz"), nibabel.load(tmp_path / "out" / f"mask{suffix}")
    np.testing.assert_array_equal(mask.affine, source.affine)
    assert mask.shape == source.shape
    assert mask.get_data_dtype() == np.uint8
    assert (np.asanyarray(mask.dataobj) == 1).all()


def test_each_key_has_its_file(tmp_path, make_image):
    sample = {"a": make_image(), "b": make_image(), "to_a": tmp_path / "a.nii", "to_b": tmp_path / "b.nii"}
    SaveImage(["a", "b"], file_key=["to_a", "to_b"], dtype="float32")(sample)
    np.testing.assert_array_equal(nibabel.load(tmp_path / "b.nii").get_fdata(), sample["b"].data[0])


def test_several_images_in_one_file_are_refused():
    with pytest.raises(ValueError, match="file_key must be one per key, or files overwrite each other, got 'output'"):
        SaveImage(["a", "b"])


def test_an_unknown_dtype_is_refused_at_once():
    with pytest.raises(ValueError, match="dtype must be one of uint8, int16, uint16, int32, float32, got 'int8'"):
        SaveImage("a", dtype="int8")


def test_a_sample_without_a_path_is_refused(make_image):
    with pytest.raises(DataError, match="the sample has no 'output'"):
        SaveImage("a")({"a": make_image()})


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".npz"])
def test_the_suffix_says_the_format_and_the_place_is_kept(tmp_path, make_image, suffix):
    image = make_image(spacing=(1, 2, 3), axcodes="LPS")
    SaveImage("a", dtype="float32")({"a": image, "output": tmp_path / f"a{suffix}"})
    found = read_image(tmp_path / f"a{suffix}")
    assert torch.equal(found.data, image.data)
    np.testing.assert_array_equal(found.affine, image.affine)


def test_labels_become_a_dicom_segmentation_of_the_series_that_was_read(tmp_path):
    highdicom = pytest.importorskip("highdicom")
    (tmp_path / "series").mkdir()
    for number in range(4):
        write_slice(tmp_path / "series", number)
    chain = Compose([LoadImage("image"), Orientation("image"), Spacing("image", 1.0)])
    sample = realized(chain({"image": tmp_path / "series", "output": tmp_path / "out" / "seg.dcm"}))
    sample["pred"] = sample["image"].with_data(torch.ones_like(sample["image"].data, dtype=torch.uint8))
    Compose([Invert("pred", "image", mode="nearest"), SaveImage("pred", segments=["body"])])(sample)
    found = highdicom.seg.segread(tmp_path / "out" / "seg.dcm")
    assert found.get_segment_description(1).segment_label == "body"
    assert found.pixel_array.shape == (4, 3, 4)
    assert found.pixel_array.all()
