import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundlert.data.json_items import json_items
from bundlert.errors import DataError

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "datalist.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def folder(tmp_path):
    for name in ("a.nii", "b.nii"):
        (tmp_path / name).touch()
    return tmp_path


def expected(folder):
    return [{"image": str(folder / "a.nii"), "fold": 1}, {"image": str(folder / "b.nii"), "label": [0, 1]}]


ITEMS = [{"image": "a.nii", "fold": 1}, {"image": "b.nii", "label": [0, 1]}]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.json", json.dumps(ITEMS)),
        ("list.json", json.dumps({"name": "x", "labels": {"a": [1]}, "training": ITEMS, "test": []}, indent=1)),
        ("list.jsonl", "\n\n".join(json.dumps(item) for item in ITEMS) + "\n"),
        ("list.json", "\ufeff" + json.dumps(ITEMS)),
    ],
)
def test_a_list_one_of_several_or_one_a_line(name, text, folder):
    (folder / name).write_text(text, encoding="utf-8")
    assert json_items(folder / name) == expected(folder)


def test_another_list_of_the_file(folder):
    (folder / "list.json").write_text(json.dumps({"training": [], "validation": ITEMS}))
    assert json_items(folder / "list.json", "validation") == expected(folder)
    with pytest.raises(DataError, match=r"has no list 'validaton'\n  expected: .*\n  try: did you mean 'validation'\?"):
        json_items(folder / "list.json", "validaton")


TEXT = """{
  "training": [
    {"image": "a.nii"},
    {"image":
        "c.nii"}, {"image": "d.nii"},

    {"image": "b.nii", "label": "e [ } .nii"}
  ]
}
"""


def test_missing_files_are_told_with_the_lines_that_their_entries_begin_in(folder):
    (folder / "list.json").write_text(TEXT)
    with pytest.raises(DataError) as caught:
        json_items(folder / "list.json")
    assert [line.split(":")[0].strip() for line in caught.value.got.splitlines()] == ["line 4", "line 5", "line 7"]
    (folder / "list.jsonl").write_text('{"image": "a.nii"}\n\n{"image": "x.nii"}\n')
    with pytest.raises(DataError, match=r"got: line 3: .*x\.nii"):
        json_items(folder / "list.jsonl")


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(LEAVES, lambda kids: st.lists(kids) | st.dictionaries(st.text(), kids), max_leaves=6)
ENTRIES = st.lists(st.dictionaries(st.text(), VALUES, max_size=3), max_size=5)


@given(entries=ENTRIES, others=st.dictionaries(st.text(), VALUES), indent=st.sampled_from([None, 0, 3]))
def test_any_json_is_read_as_it_is_and_lines_are_counted_rightly(entries, others, indent, tmp_path_factory):
    file = tmp_path_factory.mktemp("json") / "list.json"
    marked = [{**entry, "path": f"missing {number}"} for number, entry in enumerate(entries)]
    text = json.dumps({**others, "list": marked}, indent=indent)
    file.write_text(text, encoding="utf-8")
    assert json_items(file, "list", paths=[]) == marked
    if entries:
        with pytest.raises(DataError) as caught:
            json_items(file, "list", paths=["path"])
        lines = [int(told.split(":")[0].split()[-1]) for told in caught.value.got.splitlines()]
        ends = [text[: text.index(json.dumps(one["path"]))].count("\n") + 1 for one in marked]
        assert all(begin <= end for begin, end in zip(lines, ends, strict=True))
        assert all(end < begin or indent is None for end, begin in zip(ends, lines[1:], strict=False))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n "training": [}', r"isn't valid JSON\n  at: .*list\.json:2:15"),
        ("3", "isn't a data list\n  got: a int\n  expected: a list of objects"),
        ('{"training": 3}', "has no list 'training'\n  expected: lists of samples"),
        ("[{},\n 3]", r"an entry of a data list isn't an object\n  at: .*list\.json:2:1\n  got: 3"),
        ("[" * 100_000, "isn't valid JSON"),
    ],
)
def test_a_damaged_list_is_told(text, message, folder):
    (folder / "list.json").write_text(text)
    with pytest.raises(DataError, match=message):
        json_items(folder / "list.json")


def test_what_isnt_there_or_isnt_text_is_told(folder):
    (folder / "list.json").write_bytes(b'["\xff"]')
    with pytest.raises(DataError, match="isn't text in UTF-8"):
        json_items(folder / "list.json")
    with pytest.raises(DataError, match=r"there is no data list '.*lst\.json'\n  try: did you mean 'list\.json'\?"):
        json_items(folder / "lst.json")


def test_the_schema_says_what_is_read():
    check = jsonschema.Draft202012Validator(SCHEMA)
    for valid in (ITEMS, {"training": ITEMS, "test": [], "name": "x"}, [{"image": ["a", "b"], "label": 3}]):
        assert check.is_valid(valid)
    for wrong in (3, [3], {"training": [3]}, [{"image": 3}], [{"image": ""}]):
        assert not check.is_valid(wrong)
