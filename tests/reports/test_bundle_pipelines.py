import json

import pytest
from bundle.toy import make_bundle

from bundlert.bundle.layout import open_bundle
from bundlert.errors import ConfigError, DataError
from bundlert.reports.bundle_pipelines import Question, pipelines_of, record_of
from bundlert.text import to_json

CHAIN = """
size: 4
steps:
  - {_target_: LoadImage, keys: image}
  - {_target_: Orientation, keys: image}
chain: {_target_: Compose, transforms: "$@steps + [@crop]"}
crop: {_target_: monai.transforms.RandSpatialCropd, keys: image, roi_size: "@size"}
"""
TRAIN = f"""{CHAIN}
dataset: {{_target_: MemoryCache, data: [], transform: "@chain"}}
run: ['@dataset']
"""
INFER = f"""{CHAIN}
loader: {{_target_: Loader, dataset: {{_target_: Dataset, data: [], transform: "@chain"}}}}
evaluator:
  _target_: Evaluator
  postprocessing: {{_target_: Compose, transforms: [{{_target_: AsDiscrete, keys: pred, argmax: true}}]}}
run: ['@evaluator']
"""


@pytest.fixture
def ask(tmp_path):
    opened = open_bundle(make_bundle(tmp_path / "toy", train=TRAIN, infer=INFER, sum="run: ['$1']\n"))

    def asked(*entries, **options):
        return pipelines_of(Question(opened, entries, **options))

    return asked


def test_the_chains_of_all_entries_are_found_with_who_uses_them(ask):
    found = ask("infer", "train", "sum")
    assert [(one.config_id, one.entries, one.users) for one in found] == [
        ("chain", ["infer"], [("loader::dataset", "Dataset")]),
        ("evaluator::postprocessing", ["infer"], [("evaluator", "Evaluator")]),
        ("chain", ["train"], [("dataset", "MemoryCache")]),
    ]
    assert [len(found[index].plan.fusions) for index in (0, 2)] == [1, 2]  # a cache is one reason more
    assert found[0].mark.file.endswith("infer.yaml")


def test_a_chain_that_entries_share_is_told_once(ask):
    (one,) = ask("infer", "infer", config_id="chain")
    assert one.entries == ["infer", "infer"]


def test_steps_have_the_arguments_that_the_config_gave_them(ask):
    (one,) = ask("train", overrides=["size=7"])
    assert [step.name for step in one.plan.steps] == ["LoadImage", "Orientation", "RandSpatialCrop"]
    assert one.plan.steps[2].arguments == {"roi_size": 7}


def test_mistakes_are_told_with_what_there_is(ask):
    with pytest.raises(
        ConfigError, match=r"no pipeline 'chian'\n  expected: one of chain\n  try: did you mean 'chain'"
    ):
        ask("train", config_id="chian")
    with pytest.raises(ConfigError, match=r"no pipeline in sum\n  expected: a component `Compose`\n  try: put the"):
        ask("sum")


def test_what_needs_more_than_the_files_is_tried_only_if_asked_for(ask, tmp_path):
    files = {"image": tmp_path / "none.nii"}
    with pytest.raises(DataError, match=r"none.nii' does not exist"):
        ask("infer", config_id="chain", files=files)
    with pytest.raises(DataError, match="the sample has no 'pred'"):
        ask("infer", config_id="evaluator::postprocessing", files=files)
    assert ask("infer", files=files)[1].not_run == "the sample has no 'pred'"


def test_a_chain_can_be_written_down(ask):
    (one,) = ask("train")
    record = json.loads(to_json(record_of(one)))
    assert record["used_by"] == [{"id": "dataset", "component": "MemoryCache"}]
    assert record["steps"][1]["moves"] == {"image": {"mode": None, "padding": None, "bends": False}}
    assert record["done_at_once"][0]["steps"] == [2]
    assert (record["cache_stops"], record["measured"], record["not_run"]) == (3, None, None)
