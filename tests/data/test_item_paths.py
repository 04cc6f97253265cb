import pytest

from bundlert.data.item_paths import Row, items_of
from bundlert.errors import DataError


def read(folder, *rows, base_dir=None, paths=("image", "label"), check_missing=True):
    rows = [Row(number, values) for number, values in enumerate(rows, start=2)]
    return items_of(rows, folder / "list.csv", base_dir=base_dir, paths=paths, check_missing=check_missing)


def test_paths_begin_in_the_folder_of_the_list_or_another(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.nii").touch()
    row = {"image": "a/b.nii", "age": 3, "name": "a/b.nii"}
    expected = [{**row, "image": str(tmp_path / "a" / "b.nii")}]
    assert read(tmp_path, row) == expected
    assert read(tmp_path / "lists", {**row, "image": "./b.nii"}, base_dir=tmp_path / "a") == expected


def test_lists_of_paths_and_no_paths(tmp_path):
    for name in "ab":
        (tmp_path / name).touch()
    assert read(tmp_path, {"image": ["a", "b"], "label": 3}) == [
        {"image": [str(tmp_path / "a"), str(tmp_path / "b")], "label": 3}
    ]
    assert read(tmp_path, {"image": "a", "label": "lesion"}, paths=["image"])[0]["label"] == "lesion"


def test_all_missing_files_are_told_at_once_with_their_lines(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(DataError) as caught:
        read(tmp_path, {"image": "a", "label": "b"}, {"image": "c"}, {"image": ["a", "d/e"]})
    assert str(caught.value) == (
        f"'{tmp_path / 'list.csv'}': 3 files aren't there\n"
        f"  at: {tmp_path / 'list.csv'}\n"
        f"  got: line 2: {tmp_path / 'b'}\n"
        f"       line 3: {tmp_path / 'c'}\n"
        f"       line 4: {tmp_path / 'd' / 'e'}\n"
        f"  try: is `base_dir` right? it is '{tmp_path}'"
    )
    assert len(read(tmp_path, {"image": "c"}, check_missing=False)) == 1


def test_of_very_many_the_first_are_told(tmp_path):
    with pytest.raises(DataError) as caught:
        read(tmp_path, *({"image": f"{number}"} for number in range(80)))
    assert caught.value.got.count("line ") == 50
    assert caught.value.got.endswith("... and 30 more")


@pytest.mark.parametrize("path", ["../a", "/etc/passwd", "x/../../a"])
def test_no_path_leads_out_of_the_folder(path, tmp_path):
    (tmp_path / "data").mkdir()
    with pytest.raises(DataError, match=r"1 paths lead out of the data set's folder(.|\n)*line 2: /") as caught:
        read(tmp_path / "data", {"image": path}, check_missing=False)
    assert caught.value.hint == "give a `base_dir` that holds all files"
