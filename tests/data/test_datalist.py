import json

import pytest

from bundlert.data.datalist import load_decathlon_datalist
from bundlert.errors import DataError


def write(folder, **parts):
    file = folder / "dataset.json"
    file.write_text(json.dumps(parts))
    return file


def test_paths_begin_in_the_folder_of_the_list(tmp_path):
    file = write(tmp_path, training=[{"image": "./images/a.nii.gz", "label": "labels/a.nii.gz"}])
    (sample,) = load_decathlon_datalist(file)
    assert sample == {"image": str(tmp_path / "images/a.nii.gz"), "label": str(tmp_path / "labels/a.nii.gz")}


def test_or_in_another_one(tmp_path, monkeypatch):
    file = write(tmp_path, validation=[{"image": "a.nii"}])
    monkeypatch.chdir(tmp_path)
    expected = [{"image": str(tmp_path / "other" / "a.nii")}]
    assert load_decathlon_datalist(file, data_list_key="validation", base_dir="other") == expected


def test_a_label_may_be_a_class_and_an_image_several_files(tmp_path):
    entry = {"image": ["a.nii", "b.nii"], "label": 3, "fold": 0, "spacing": [1.0, 2.0], "empty": ""}
    (sample,) = load_decathlon_datalist(write(tmp_path, training=[entry]), is_segmentation=False)
    assert sample == {**entry, "image": [str(tmp_path / "a.nii"), str(tmp_path / "b.nii")]}


def test_other_entries_become_paths_if_they_lead_somewhere(tmp_path):
    (tmp_path / "mask.nii").touch()
    file = write(tmp_path, training=[{"image": "a.nii", "mask": "mask.nii", "name": "a", "label": "lesion"}])
    (sample,) = load_decathlon_datalist(file, is_segmentation=False)
    assert (sample["mask"], sample["name"], sample["label"]) == (str(tmp_path / "mask.nii"), "a", "lesion")


def test_test_cases_may_be_plain_paths(tmp_path):
    file = write(tmp_path, test=["./a.nii", {"image": "b.nii"}])
    found = load_decathlon_datalist(file, data_list_key="test")
    assert found == [{"image": str(tmp_path / "a.nii")}, {"image": str(tmp_path / "b.nii")}]


@pytest.mark.parametrize("path", ["../a.nii", "/etc/passwd", "x/../../a.nii"])
@pytest.mark.parametrize("key", ["image", "label", "other"])
def test_no_path_leads_out_of_the_folder(path, key, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "a.nii").touch()
    file = write(tmp_path / "data", training=[{"image": "b.nii", key: path}])
    with pytest.raises(DataError) as caught:
        load_decathlon_datalist(file)
    assert str(caught.value) == (
        f"the path '{path}' leads out of the data set's folder '{tmp_path / 'data'}'\n"
        f"  at: {file}\n  try: give a `base_dir` that holds all files"
    )


def test_a_base_that_holds_all_is_enough(tmp_path):
    (tmp_path / "lists").mkdir()
    file = write(tmp_path / "lists", training=[{"image": str(tmp_path / "a.nii")}])
    assert load_decathlon_datalist(file, base_dir=tmp_path) == [{"image": str(tmp_path / "a.nii")}]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"training": [3]}, "has a sample that isn't as it should be\n  got: 3\n  expected: a dict"),
        ({"trainin": [], "name": "x"}, "has no part 'training'\n  expected: one of trainin\n  try: did you mean 'trai"),
        ({"training": {}}, "has no part 'training'\n  expected: lists of samples"),
    ],
)
def test_a_list_that_is_wrong_is_told(parts, message, tmp_path):
    with pytest.raises(DataError) as caught:
        load_decathlon_datalist(write(tmp_path, **parts))
    assert message in str(caught.value)


def test_a_list_that_is_missing_is_told(tmp_path):
    with pytest.raises(DataError, match="there is no data set in"):
        load_decathlon_datalist(tmp_path / "dataset.json")
