import pytest

from bundlert.data.samples import image_files
from bundlert.errors import DataError


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


def test_a_list_may_mix_them(tmp_path):
    touched(tmp_path / "in", "a.nii", "b.nii")
    touched(tmp_path, "c.nii")
    samples = image_files([str(tmp_path / "c.nii"), str(tmp_path / "in")], "out")
    assert [sample["name"] for sample in samples] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("image", "output", "message"),
    [
        ("ctt.nii", None, r"there is no image '.*ctt.nii'\n  try: did you mean 'ct.nii'\?"),
        ("notes.txt", None, r"no image that can be read\n  expected: .nii.gz, .nii, or a folder"),
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
