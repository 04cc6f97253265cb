import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundlert.data.csv_items import csv_items
from bundlert.errors import DataError

TABLE = """id,image,label,age,weight,site
007,a.nii.gz,a_seg.nii.gz,63,70.5,Bonn
8,b.nii.gz,,-1,,"Köln, Rhein"
"""


@pytest.fixture
def folder(tmp_path):
    for name in ("a.nii.gz", "a_seg.nii.gz", "b.nii.gz"):
        (tmp_path / name).touch()
    (tmp_path / "list.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def test_each_row_is_a_sample(folder):
    assert csv_items(folder / "list.csv") == [
        {
            "id": "007",
            "image": str(folder / "a.nii.gz"),
            "label": str(folder / "a_seg.nii.gz"),
            "age": 63,
            "weight": 70.5,
            "site": "Bonn",
        },
        {"id": 8, "image": str(folder / "b.nii.gz"), "age": -1, "site": "Köln, Rhein"},
    ]


def test_columns_can_be_chosen_and_renamed(folder):
    expected = [{"image": str(folder / "a.nii.gz"), "who": "007"}, {"image": str(folder / "b.nii.gz"), "who": 8}]
    assert csv_items(folder / "list.csv", {"image": "image", "id": "who"}) == expected
    assert csv_items(folder / "list.csv", ["age"]) == [{"age": 63}, {"age": -1}]
    assert csv_items(folder / "list.csv", {"image": "ct"}, paths=["ct"])[1] == {"ct": str(folder / "b.nii.gz")}


@pytest.mark.parametrize("text", ["\ufeffimage\tage\r\na.nii.gz\t3\r\n\r\n", " image \tage\n a.nii.gz \t 3 \n"])
def test_tabs_marks_of_windows_spaces_and_empty_lines(text, folder):
    (folder / "list.tsv").write_bytes(text.encode())
    assert csv_items(folder / "list.tsv") == [{"image": str(folder / "a.nii.gz"), "age": 3}]
    (folder / "list.txt").write_bytes(text.replace("\t", ";").encode())
    assert csv_items(folder / "list.txt", delimiter=";") == csv_items(folder / "list.tsv")


def test_missing_files_are_told_with_the_lines_of_the_file(folder):
    (folder / "list.csv").write_text('image,note\na.nii.gz,"two\nlines"\nc.nii.gz,\nd.nii.gz,\n')
    with pytest.raises(DataError, match=r"2 files aren't there\n.*\n  got: line 4: .*c\.nii\.gz\n +line 5: .*d\.nii"):
        csv_items(folder / "list.csv")
    assert len(csv_items(folder / "list.csv", check_missing=False)) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no usable first row"),
        ("a,a\n1,2\n", "has no usable first row\n  at: .*list.csv:1:1\n  got: a, a\n  expected: names, each once"),
        ("a,b\n1\n", "a row has 1 cells\n  at: .*list.csv:2:1\n  expected: 2, as the first row"),
        ('a\n"1\n', "isn't a table in UTF-8\n  got: unexpected end of data"),
    ],
)
def test_a_damaged_table_is_told(text, message, folder):
    (folder / "list.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        csv_items(folder / "list.csv")


def test_what_isnt_there_is_told_with_the_nearest(folder):
    with pytest.raises(DataError, match=r"has no column 'imge'\n  expected: some of .*\n  try: did you mean 'image'\?"):
        csv_items(folder / "list.csv", ["imge"])
    with pytest.raises(DataError, match=r"there is no table '.*lst\.csv'\n  try: did you mean 'list\.csv'\?"):
        csv_items(folder / "lst.csv")
    (folder / "latin.csv").write_bytes("image\nKöln\n".encode("latin-1"))
    with pytest.raises(DataError, match="isn't a table in UTF-8\n  got: 'utf-8' codec"):
        csv_items(folder / "latin.csv")


CELLS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text('abcä 0.,;"\n', max_size=6)


@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=6))
def test_what_is_written_comes_back_as_number_or_text(rows, tmp_path_factory):
    file = tmp_path_factory.mktemp("csv") / "list.csv"
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerows([("x", "y"), *rows])
    found = csv_items(file, paths=[])
    assert len(found) == len(rows)
    for item, row in zip(found, rows, strict=True):
        for key, value in zip("xy", row, strict=True):
            assert str(item.get(key, "")) == str(value).strip() or float(item[key]) == float(value)


@pytest.mark.parametrize("cell", ["007", "12e4", "1.2.3", "nan", "inf", "+1", "0x10", "1_000", "1.", "01.5"])
def test_what_looks_like_a_name_stays_a_text(cell, folder):
    (folder / "list.csv").write_text(f"x\n{cell}\n")
    assert csv_items(folder / "list.csv") == [{"x": cell}]


def test_columns_can_stay_text(folder):
    (first, second) = csv_items(folder / "list.csv", {"age": "years", "weight": "weight"}, as_text=["age"])
    assert first == {"years": "63", "weight": 70.5}
    assert second == {"years": "-1"}
