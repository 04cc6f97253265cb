import copy
import json
import os
from pathlib import Path

import jsonschema
import pytest
from bundle.toy import METADATA
from data.decathlon import make_dataset
from reports.runs import epoch, step, train, validation

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "schemas").glob("*.json"))
GONE = object()


def faults(name, instance):
    schema = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text())
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(instance)]


def changed(document, path, value):
    """A copy with the value at `path` replaced, or taken away."""
    document = copy.deepcopy(document)
    *way, last = path
    place = document
    for key in way:
        place = place[key]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return document


def event(pair):
    name, facts = pair
    return {"event": name, "time": 1.5, **facts}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_schema_is_itself_valid_and_says_which_it_is(file):
    schema = json.loads(file.read_text())
    for_editors = file.name == "config.schema.json"  # they understand draft 7 best
    draft = jsonschema.Draft7Validator if for_editors else jsonschema.Draft202012Validator
    draft.check_schema(schema)
    assert schema["$schema"] == draft.META_SCHEMA["$schema"]
    assert schema["$id"].startswith("urn:bundlert:schema:")


def test_every_shipped_bundle_describes_itself_validly():
    files = sorted((ROOT / "bundles").glob("*/metadata.json"))
    assert files
    for file in files:
        assert faults("metadata", json.loads(file.read_text())) == []


def test_metadata_may_have_more_keys_and_any_size():
    assert faults("metadata", {**METADATA, "monai_version": "1.4.0", "network_data_format": {
        "inputs": {"image": {**METADATA["network_data_format"]["inputs"]["image"], "spatial_shape": ["2**4*n", "*", 96],
                             "value_range": [0, 1], "channel_def": {"0": "image"}}},
        "outputs": {"pred": {**METADATA["network_data_format"]["outputs"]["pred"], "value_range": []}},
    }}) == []  # fmt: skip


IMAGE = ("network_data_format", "inputs", "image")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(((key,), GONE) for key in METADATA),
        *(((key,), "") for key in METADATA if key != "network_data_format"),
        (("name",), 3),
        (("version",), "1.2"),
        (("version",), "first"),
        (("version",), "1.2.3.4"),
        (("version",), 1.2),
        (("changelog",), {"0.1.0": 1}),
        (("licences",), {"cod": "MIT"}),
        (("references",), "a paper"),
        (("eval_metrics",), {"dice": True}),
        (("network_data_format", "inputs"), GONE),
        (("network_data_format", "outputs"), {}),
        ((*IMAGE, "type"), "picture"),
        ((*IMAGE, "type"), GONE),
        ((*IMAGE, "num_channels"), "1"),
        ((*IMAGE, "num_channels"), 1.5),
        ((*IMAGE, "num_channels"), 0),
        ((*IMAGE, "num_channels"), GONE),
        ((*IMAGE, "spatial_shape"), []),
        ((*IMAGE, "spatial_shape"), [0, 32]),
        ((*IMAGE, "spatial_shape"), ["2**m", 32]),
        ((*IMAGE, "spatial_shape"), "32"),
        ((*IMAGE, "dtype"), "flaot32"),
        ((*IMAGE, "dtype"), GONE),
        ((*IMAGE, "value_range"), [0]),
        ((*IMAGE, "value_range"), [0, 1, 2]),
        ((*IMAGE, "value_range"), ["0", 1]),
        ((*IMAGE, "channel_def"), {"0": 1}),
        ((*IMAGE, "channel_def"), {"first": "image"}),
        ((*IMAGE, "is_patch_data"), "yes"),
    ],
)
def test_wrong_metadata_are_refused(path, value):
    assert len(faults("metadata", changed(METADATA, path, value))) == 1


def test_the_real_data_list_is_valid():
    folder = os.environ.get("BUNDLERT_TEST_DATA")
    if not folder:
        pytest.skip("needs real images: set BUNDLERT_TEST_DATA")
    listing = json.loads((Path(folder) / "Task09_Spleen_mini" / "dataset.json").read_text())
    assert faults("dataset", listing) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("labels",), GONE),
        (("labels",), ["background", "spleen"]),
        (("labels",), {"0": 0}),
        (("labels",), {"spleen": "1"}),
        (("modality",), {"0": 1}),
        (("training",), GONE),
        (("training",), []),
        (("training",), ["./imagesTr/a.nii.gz"]),
        (("training", 0, "label"), GONE),
        (("training", 0, "image"), GONE),
        (("training", 0, "image"), ["a.nii.gz"]),
        (("training", 0, "image"), ""),
        (("numTraining",), -1),
        (("numTraining",), "3"),
        (("test",), [{"image": "a.nii.gz"}]),
    ],
)
def test_wrong_data_lists_are_refused(path, value, tmp_path):
    listing = json.loads((make_dataset(tmp_path) / "dataset.json").read_text())
    listing["modality"] = {"0": "CT"}
    assert faults("dataset", listing) == []
    assert len(faults("dataset", changed(listing, path, value))) == 1


def test_every_line_of_a_real_run_is_valid(tmp_path):
    lines = (train(tmp_path) / "run.jsonl").read_text().splitlines()
    assert {json.loads(line)["event"] for line in lines} == {"start", "step", "epoch", "validation", "end"}
    for line in lines:
        assert faults("run_log", json.loads(line)) == []


STEP, EPOCH, DICE = event(step(1)), event(epoch(1)), event(validation(1, 0.5, {"a": 0.5}))


@pytest.mark.parametrize(
    ("line", "path", "value"),
    [
        (STEP, ("event",), "jump"),
        (STEP, ("event",), GONE),
        (STEP, ("time",), GONE),
        (STEP, ("time",), "noon"),
        (STEP, ("loss",), GONE),
        (STEP, ("loss",), "0.5"),
        (STEP, ("iteration",), 1.5),
        (STEP, ("iteration",), -1),
        (STEP, ("memory_bytes",), -1),
        (EPOCH, ("time_s",), GONE),
        (DICE, ("cases",), [0.5]),
        (DICE, ("cases", "a"), "0.5"),
        (DICE, ("best",), 1),
    ],
)
def test_wrong_lines_of_a_log_are_refused(line, path, value):
    assert faults("run_log", line) == []
    assert len(faults("run_log", changed(line, path, value))) == 1
