"""`infer` on real CTs: a file, a folder, several files, a DICOM series; the mask lies on the input's grid."""

import nibabel
import numpy as np
import pytest
from e2e.command import SPLEEN, bundlert, real_data

pytestmark = pytest.mark.slow


def assert_on_grid_of(mask_file, image_file):
    mask, image = nibabel.load(mask_file), nibabel.load(image_file)
    assert mask.shape == image.shape
    assert np.array_equal(mask.affine, image.affine)
    assert set(np.unique(np.asanyarray(mask.dataobj))) <= {0, 1}
    assert mask.get_data_dtype() == np.uint8


@pytest.mark.parametrize("case", ["spleen_1", "spleen_2"])
def test_a_mask_lies_on_the_grid_of_its_image(case, tmp_path):
    image = real_data() / "Task09_Spleen_mini" / "imagesTr" / f"{case}.nii.gz"
    bundlert("run", SPLEEN, "infer", f"image={image}", "output=out/seg.nii.gz", cwd=tmp_path)
    assert_on_grid_of(tmp_path / "out" / "seg.nii.gz", image)
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["seg.nii.gz"]  # no temporary file stays


def test_a_folder_gives_a_mask_for_each_image(tmp_path):
    images = real_data() / "Task09_Spleen_mini" / "imagesTr"
    bundlert("run", SPLEEN, "infer", f"image={images}", "output=masks", cwd=tmp_path)
    assert_on_grid_of(tmp_path / "masks" / "spleen_1_seg.nii.gz", images / "spleen_1.nii.gz")
    assert_on_grid_of(tmp_path / "masks" / "spleen_2_seg.nii.gz", images / "spleen_2.nii.gz")


def test_several_files_and_a_dicom_series_in_one_go(tmp_path):
    data = real_data()
    image = data / "Task09_Spleen_mini" / "imagesTr" / "spleen_2.nii.gz"
    bundlert("run", SPLEEN, "infer", f"image=[{image}, {data / 'ct_dicom'}]", "output=masks", cwd=tmp_path)
    of_nifti = nibabel.load(tmp_path / "masks" / "spleen_2_seg.nii.gz")
    of_dicom = nibabel.load(tmp_path / "masks" / "ct_dicom_seg.nii.gz")
    # The series is the same scan: after turning both to one orientation the masks are one.
    ours, theirs = (nibabel.as_closest_canonical(mask) for mask in (of_nifti, of_dicom))
    np.testing.assert_allclose(ours.affine, theirs.affine, atol=1e-3)
    differing = np.asanyarray(ours.dataobj) != np.asanyarray(theirs.dataobj)
    assert differing.mean() < 1e-4


def test_a_missing_image_is_told_with_the_nearest_name(tmp_path):
    images = real_data() / "Task09_Spleen_mini" / "imagesTr"
    answer = bundlert("run", SPLEEN, "infer", f"image={images / 'spleen_1.nii'}", cwd=tmp_path, code=2)
    assert "spleen_1.nii.gz" in answer["errors"][0]["hint"]
