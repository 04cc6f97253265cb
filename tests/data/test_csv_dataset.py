import numpy as np
import pytest

from bundlert.data.csv_dataset import CSVDataset
from bundlert.errors import DataError

TABLE = """image,id,age,ehr_0,ehr_1,site
a.nii.gz,007,63,0.5,1,Bonn
b.nii.gz,8,,2,-1.5,
c.nii.gz,9,70,3,4,Ulm
"""
CHANCE = np.random.default_rng(0)


@pytest.fixture
def table(tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.nii.gz").touch()
    (tmp_path / "list.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path / "list.csv"


def samples(*arguments, **options):
    dataset = CSVDataset(*arguments, **options)
    return [one for index in range(len(dataset)) for one in dataset.sample(index, CHANCE)]


def test_each_row_is_a_sample_transformed_when_asked_for(table):
    found = samples(table, transform=lambda sample, _: {**sample, "seen": True})
    assert found[0] == {
        "image": str(table.parent / "a.nii.gz"),
        "id": "007",
        "age": 63,
        "ehr_0": 0.5,
        "ehr_1": 1,
        "site": "Bonn",
        "seen": True,
    }
    assert [sorted(one.keys() & {"age", "site"}) for one in found] == [["age", "site"], [], ["age", "site"]]


@pytest.mark.parametrize(
    ("asked", "ids"), [([2, 0], [9, "007"]), ([[0, 2]], ["007", 8]), ([2, [0, 1], 1], [9, "007", 8]), ([], [])]
)
def test_rows_are_numbers_and_ranges(table, asked, ids):
    assert [one["id"] for one in samples(table, asked)] == ids


def test_columns_can_be_chosen_and_several_become_one_array(table):
    found = samples(table, col_names=["id"], col_groups={"ehr": ["ehr_1", "ehr_0"], "one": ["ehr_0"]})
    assert [sorted(one) for one in found] == [["ehr", "id", "one"]] * 3
    np.testing.assert_array_equal([one["ehr"] for one in found], [[1, 0.5], [-1.5, 2], [4, 3]])
    np.testing.assert_array_equal(found[2]["one"], [3])


def test_columns_have_the_type_and_the_default_that_they_are_given(table):
    types = {"id": {"type": "str"}, "age": {"type": "float", "default": 0.0}, "site": {"default": "?"}}
    found = samples(table, col_names=["id", "age", "site"], col_types=types)
    assert [(one["id"], one["age"], one["site"]) for one in found] == [
        ("007", 63.0, "Bonn"),
        ("8", 0.0, "?"),
        ("9", 70.0, "Ulm"),
    ]
    assert all(type(one["age"]) is float for one in found)


def test_what_is_wrong_is_told(table):
    with pytest.raises(DataError, match=r"there is no row 3\n.*expected: row_indices >= 0 and < 3"):
        CSVDataset(table, [0, [1, 5]])
    with pytest.raises(DataError, match=r"column 'site' of row 0 isn't int"):
        CSVDataset(table, col_types={"site": {"type": "int"}})
    with pytest.raises(DataError, match=r"'all' needs a number in column 'age' of row 1\n.*nothing\n.*`default`"):
        CSVDataset(table, col_groups={"all": ["ehr_0", "age"]})
    with pytest.raises(DataError, match=r"'all' needs a number in column 'site' of row 0\n.*'Bonn'"):
        CSVDataset(table, col_groups={"all": ["site"]})
    with pytest.raises(ValueError, match=r"type must be one of str, int, float, got 'date' for column 'age'"):
        CSVDataset(table, col_types={"age": {"type": "date"}})
    with pytest.raises(DataError, match="no column 'agee'"):
        CSVDataset(table, col_names=["agee"])
