import copy
import json

import pytest
from bundle.toy import METADATA

from bundlert.bundle.metadata import SCHEMAS, metadata_problems, read_metadata
from bundlert.config.tree import plain
from bundlert.errors import BundleError


def problems(tmp_path, **changes):
    """What is told of the toy's metadata with other values, or without those that are None."""
    changed = {key: value for key, value in {**copy.deepcopy(METADATA), **changes}.items() if value is not None}
    file = tmp_path / "metadata.json"
    file.write_text(json.dumps(changed, indent=1))
    return list(metadata_problems(read_metadata(file)))


def test_metadata_is_a_tree_whose_values_know_their_lines(tmp_path):
    (tmp_path / "metadata.json").write_text('{\n "version": "1.0.0",\n "n": [1]\n}')
    tree = read_metadata(tmp_path / "metadata.json")
    assert plain(tree) == {"version": "1.0.0", "n": [1]}
    assert tree.value["n"].mark.line == 3


def test_missing_metadata_is_told_with_the_place_where_it_should_be(tmp_path):
    file = tmp_path / "metadata.json"
    with pytest.raises(BundleError) as caught:
        read_metadata(file)
    assert str(caught.value) == f"the bundle has no metadata\n  at: {file}\n  try: add a metadata.json"


def test_sound_metadata_has_no_problems(tmp_path):
    assert problems(tmp_path) == []


def test_all_problems_are_told_at_once_each_with_its_line(tmp_path):
    told = problems(tmp_path, version=7, task=["a"])
    assert [(one.path, one.at.line) for one in told] == [("_meta_::task", 5), ("_meta_::version", 3)]
    assert str(told[1]).startswith("metadata: 7 is not of type 'string'")


def test_missing_keys_are_named_together_and_once(tmp_path):
    (told,) = problems(tmp_path, version=None, task=None, verion=1)
    assert told.what == "metadata: 'version' and 'task' are missing"
    assert told.hint == "did you mean 'verion'?"


def test_a_long_value_doesnt_flood_the_message(tmp_path):
    (told,) = problems(tmp_path, description=["word"] * 500)
    assert told.what.endswith("...")
    assert len(told.what) < 200


@pytest.mark.parametrize("version", ["1", "v1.0.0", "1.0"])
def test_a_version_that_is_none_is_told_with_an_example(tmp_path, version):
    (told,) = problems(tmp_path, version=version)
    assert str(told) == (
        f"metadata: 'version' can't be '{version}'\n  at: {tmp_path / 'metadata.json'}:3:2 (_meta_::version)\n"
        "  expected: three numbers: 1.0.2"
    )


def test_no_message_shows_a_pattern(tmp_path):
    inputs = {"image": {**METADATA["network_data_format"]["inputs"]["image"], "channel_def": {"red": "R"}}}
    told = problems(tmp_path, bundlert_version="new", network_data_format={"inputs": inputs, "outputs": inputs})
    assert {one.expected for one in told} == {"two or three numbers: 0.3", "the number of a channel: 0"}
    assert not any("^" in str(one) for one in told)


def test_each_pattern_of_the_schema_has_its_words():
    schema = (SCHEMAS / "metadata.schema.json").read_text()
    alternatives = 1  # of a `oneOf`, whose message shows no pattern
    assert schema.count('"pattern":') == schema.count('"patternErrorMessage":') + alternatives
