import os
from pathlib import Path

import pytest
from data.decathlon import make_dataset

from bundlert.data.decathlon import DecathlonData
from bundlert.errors import DataError


def names(samples):
    return [sample["name"] for sample in samples]


def test_cases_are_sorted_as_texts_and_the_last_validate(tmp_path):
    data = DecathlonData(make_dataset(tmp_path, 11))
    assert names(data.validation) == ["case_8", "case_9"]  # round(11 * 9 / 41)
    assert names(data.training) == [f"case_{number}" for number in ("1", "10", "11", "2", "3", "4", "5", "6", "7")]
    assert data.labels == {"0": "background", "1": "spleen"}


def test_the_spleen_task_is_split_as_published(tmp_path):
    numbers = [2, 3, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 19, 20, 21, 22, 24, 25, 26, 27, 28, 29, 31, 32, 33, 38, 40,
               41, 44, 45, 46, 47, 49, 52, 53, 56, 59, 60, 61, 62, 63]  # fmt: skip
    folder = make_dataset(tmp_path, 41)
    text = (folder / "dataset.json").read_text()
    for position in range(41, 0, -1):
        text = text.replace(f"case_{position}.", f"spleen_{numbers[position - 1]}.")
        for kind in ("imagesTr", "labelsTr"):
            (folder / kind / f"spleen_{numbers[position - 1]}.nii.gz").touch()
    (folder / "dataset.json").write_text(text)
    assert names(DecathlonData(folder).validation) == [
        f"spleen_{number}" for number in (56, 59, 6, 60, 61, 62, 63, 8, 9)
    ]


def test_the_split_and_the_cases_can_be_chosen(tmp_path):
    folder = make_dataset(tmp_path, 5)
    assert names(DecathlonData(folder, validation_cases=3).training) == ["case_1", "case_2"]
    chosen = DecathlonData(folder, cases=["case_4", "case_2"])
    assert (names(chosen.training), names(chosen.validation)) == (["case_2"], ["case_4"])


def test_a_single_case_serves_for_both(tmp_path):
    data = DecathlonData(make_dataset(tmp_path), cases=["case_2"])
    assert names(data.training) == names(data.validation) == ["case_2"]


def test_hidden_files_are_passed_over(tmp_path):
    folder = make_dataset(tmp_path, 3)
    hidden = {"image": "./imagesTr/._case_1.nii.gz", "label": "./labelsTr/._case_1.nii.gz"}
    text = (
        (folder / "dataset.json")
        .read_text()
        .replace('"training": [', f'"training": [{str(hidden).replace(chr(39), chr(34))}, ')
    )
    (folder / "dataset.json").write_text(text)
    assert len(DecathlonData(folder).all) == 3


def test_test_images_are_plain_paths(tmp_path):
    folder = make_dataset(tmp_path, test=["./imagesTr/case_1.nii.gz", "./imagesTs/._x.nii.gz"])
    assert names(DecathlonData(folder).test) == ["case_1"]


def test_other_facts_in_an_entry_are_passed_over(tmp_path):
    entry = {"image": "./imagesTr/case_1.nii.gz", "label": "./labelsTr/case_1.nii.gz", "fold": 0}
    folder = make_dataset(tmp_path, training=[entry], numTraining=1, test=[{"image": "./imagesTr/case_2.nii.gz"}])
    assert DecathlonData(folder).all == [
        {"image": str(folder / entry["image"]), "label": str(folder / entry["label"]), "name": "case_1"}
    ]
    assert names(DecathlonData(folder).test) == ["case_2"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"numTraining": 4}, r"lists 3 training cases\n  got: numTraining is 4"),
        ({"training": [], "numTraining": 0}, "lists no training cases"),
        (
            {"training": [{"label": "x.nii.gz"}]},
            r"an entry in 'training' that isn't as it should be(.|\n)*image and label",
        ),
        ({"test": [7]}, r"an entry in 'test' that isn't as it should be\n  got: 7\n  expected: paths for image"),
        (
            {
                "training": [{"image": "case_11.nii.gz", "label": "./labelsTr/case_1.nii.gz"}],
                "numTraining": 1,
            },
            r"there is no file '.*/case_11\.nii\.gz'\n  at: .*dataset\.json",
        ),
    ],
)
def test_a_wrong_list_is_told(changes, message, tmp_path):
    with pytest.raises(DataError, match=message):
        DecathlonData(make_dataset(tmp_path, **changes))


def test_wrong_arguments_are_told(tmp_path):
    folder = make_dataset(tmp_path / "Task09_Spleen")
    with pytest.raises(DataError, match=r"there is no case 'case_22'\n.*\n  try: did you mean 'case_2'\?"):
        DecathlonData(folder, cases=["case_22"])
    with pytest.raises(DataError, match=r"3 of 3 cases can't validate\n  expected: validation_cases between 1 and 2"):
        DecathlonData(folder, validation_cases=3)
    with pytest.raises(DataError, match=r"there is no data set in(.|\n)*did you mean '.*Task09_Spleen'\?"):
        DecathlonData(tmp_path)
    (folder / "dataset.json").write_text("{")
    with pytest.raises(DataError, match="isn't valid JSON"):
        DecathlonData(folder)


def test_the_real_data_set_is_read():
    folder = os.environ.get("BUNDLERT_TEST_DATA")
    if not folder:
        pytest.skip("needs real images: set BUNDLERT_TEST_DATA")
    data = DecathlonData(Path(folder) / "Task09_Spleen_mini")
    assert (names(data.training), names(data.validation)) == (["spleen_1"], ["spleen_2"])
