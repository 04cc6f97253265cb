import numpy as np
import pytest
import SimpleITK
import torch

from bundlert.data.samples import image_files
from bundlert.errors import DataError
from bundlert.transforms.channel import EnsureChannelFirst
from bundlert.transforms.compose import Compose
from bundlert.transforms.load import LoadImage
from bundlert.transforms.save import SaveImage


def touched(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def outputs(samples):
    return [sample["output"] for sample in samples]


def test_one_file_may_name_its_mask_or_a_folder(tmp_path):
    image = touched(tmp_path, "ct.nii.gz") / "ct.nii.gz"
    assert image_files(str(image), "seg.nii") == [{"image": str(image), "output": "seg.nii", "name": "ct"}]
    assert outputs(image_files(str(image), "masks")) == ["masks/ct_seg.nii.gz"]
    assert outputs(image_files(str(image), None, "runs/1")) == ["runs/1/ct_seg.nii.gz"]


def test_a_folder_stands_for_its_images(tmp_path):
    touched(tmp_path / "in", "b.nii", "a.nii.gz", "._a.nii.gz", "notes.txt")
    samples = image_files(str(tmp_path / "in"), "out")
    assert outputs(samples) == ["out/a_seg.nii.gz", "out/b_seg.nii.gz"]


def test_suffixes_in_capitals_are_known(tmp_path):
    image = touched(tmp_path, "CT.NII.GZ") / "CT.NII.GZ"
    assert outputs(image_files(str(image), "masks")) == ["masks/CT_seg.nii.gz"]


def test_a_folder_of_dicom_files_is_one_image(tmp_path):
    series = touched(tmp_path / "series")
    (series / "1").write_bytes(b"\0" * 128 + b"DICM")
    (sample,) = image_files(str(series), "out")
    assert sample == {"image": str(series), "output": "out/series_seg.nii.gz", "name": "series"}


def test_pictures_beside_a_dicom_series_are_no_images(tmp_path):
    series = touched(tmp_path / "series", "preview.png")
    (series / "1.dcm").write_bytes(b"\0" * 128 + b"DICM")
    assert [sample["image"] for sample in image_files(str(series), "out")] == [str(series)]


def test_a_dicom_file_needs_no_suffix(tmp_path):
    (tmp_path / "IM0001").write_bytes(b"\0" * 128 + b"DICM")
    assert outputs(image_files(str(tmp_path / "IM0001"), "out")) == ["out/IM0001_seg.nii.gz"]


def test_images_of_every_format_are_found_read_and_have_masks_that_can_be_written(tmp_path):
    voxels = np.arange(4 * 5 * 6, dtype=np.uint8).reshape(6, 5, 4)  # ITK has the first axis last
    folder = touched(tmp_path / "in", "notes.txt")
    for suffix in ("nii", "nii.gz", "nrrd", "mha"):
        SimpleITK.WriteImage(SimpleITK.GetImageFromArray(voxels), folder / f"{suffix.replace('.', '')}.{suffix}")
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(voxels[0]), folder / "xray.png")
    np.save(folder / "array.npy", voxels.T)
    samples = image_files(str(folder), str(tmp_path / "out"))
    assert [sample["name"] for sample in samples] == ["array", "mha", "nii", "niigz", "nrrd", "xray"]
    loaded = [Compose([LoadImage("image"), EnsureChannelFirst("image")])(sample) for sample in samples]
    for one in loaded:
        expected = voxels.T if one["name"] != "xray" else voxels.T[..., 0]
        assert torch.equal(one["image"].data[0], torch.from_numpy(expected.copy()))
        SaveImage("image")(one)
    masks = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert masks == [
        *("array_seg.npz", "mha_seg.nrrd", "nii_seg.nii.gz", "niigz_seg.nii.gz", "nrrd_seg.nrrd", "xray_seg.png"),
    ]


def test_a_list_may_mix_them(tmp_path):
    touched(tmp_path / "in", "a.nii", "b.nii")
    touched(tmp_path, "c.nii")
    samples = image_files([str(tmp_path / "c.nii"), str(tmp_path / "in")], "out")
    assert [sample["name"] for sample in samples] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("image", "output", "message"),
    [
        ("ctt.nii", None, r"there is no image '.*ctt.nii'\n  try: did you mean 'ct.nii'\?"),
        ("notes.txt", None, r"no image that can be read\n  expected: .nii, .nii.gz, .nrrd, .*, or a folder"),
        ("ct.nii", "seg.mha", r"a mask can't be written to 'seg.mha'\n  expected: .nii, .nii.gz, .nrrd, .png"),
        ("empty", None, "there are no images in"),
        ("many", "one.nii", r"2 masks can't go into one file 'one.nii'"),
    ],
)
def test_mistakes_are_told(image, output, message, tmp_path):
    touched(tmp_path, "ct.nii", "notes.txt")
    touched(tmp_path / "empty")
    touched(tmp_path / "many", "a.nii", "b.nii")
    with pytest.raises(DataError, match=message):
        image_files(str(tmp_path / image), output)


def test_a_mask_never_replaces_an_image_or_another_mask(tmp_path):
    touched(tmp_path / "one", "a.nii")
    touched(tmp_path / "two", "a.nii")
    with pytest.raises(DataError, match="would replace its image"):
        image_files(str(tmp_path / "one" / "a.nii"), str(tmp_path / "one" / "a.nii"))
    with pytest.raises(DataError, match=r"two images would give one mask 'out/a_seg.nii.gz'"):
        image_files([str(tmp_path / "one"), str(tmp_path / "two")], "out")
