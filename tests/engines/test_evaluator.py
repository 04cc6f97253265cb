import re
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
import yaml
from engines.tiny import make_evaluator, make_network, samples

from bundlert import progress
from bundlert.data.dataset import Dataset
from bundlert.data.loader import Loader
from bundlert.errors import DataError
from bundlert.images.image import Image
from bundlert.metrics.dice import MeanDice
from bundlert.metrics.group import MetricGroup
from bundlert.metrics.hausdorff import HausdorffDistance
from bundlert.registry.registry import load, standard

PAGE = (Path(__file__).parents[2] / "docs" / "running.md").read_text(encoding="utf-8")


class Threshold(torch.nn.Module):
    """Scores that find the label of the tiny problem without learning."""

    def forward(self, images):
        assert not torch.is_grad_enabled()
        return torch.cat([-images, images], dim=1)


def test_a_perfect_network_has_dice_1():
    cases = {"case 0": 1.0, "case 1": 1.0, "case 2": 1.0}
    details = {"dice": {"higher_is_better": True, "classes": {1: 1.0}, "cases": cases}}
    result = make_evaluator(Threshold()).run()
    assert result == {"dice": 1.0, "key_metric": "dice", "cases": cases, "metrics": details}


class OneRowMore(torch.nn.Module):
    """Finds a row more than there is: 4, 5 and 6 rows of 8 voxels instead of 3, 4 and 5."""

    def forward(self, images):
        wider = torch.nn.functional.max_pool2d(images, (3, 1), 1, (1, 0))
        return torch.cat([-wider, wider], dim=1)


SEVERAL = [MeanDice(), HausdorffDistance(percentile=95), MeanDice(include_background=True)]
NAMED = {"dice": SEVERAL[0], "distance": SEVERAL[1]}
DICE = [2 * rows / (2 * rows + 1) for rows in (3, 4, 5)]


@pytest.mark.parametrize(
    ("given", "key", "distance"),
    [
        ({"metrics": SEVERAL[:2]}, "dice", "hausdorff95"),
        ({"metrics": SEVERAL[:2], "key_metric": "hausdorff95"}, "hausdorff95", "hausdorff95"),
        ({"metrics": NAMED}, "dice", "distance"),
        ({"metric": MetricGroup(NAMED, key="distance")}, "distance", "distance"),
        ({"metric": MetricGroup(NAMED), "key_metric": "distance"}, "distance", "distance"),
    ],
)
def test_several_metrics_are_told_of_all_of_each_class_and_of_each_case(given, key, distance):
    result = make_evaluator(OneRowMore(), **{"metric": None, **given}).run()
    assert (result["dice"], result[distance]) == (pytest.approx(sum(DICE) / 3), 1.0)
    assert result["key_metric"] == key
    details = result["metrics"]
    assert result["cases"] == details[key]["cases"]
    assert list(details["dice"]["cases"].values()) == pytest.approx(DICE)
    assert details[distance] == {
        "higher_is_better": False,
        "classes": {1: 1.0},
        "cases": dict.fromkeys(("case 0", "case 1", "case 2"), 1.0),
    }


def test_the_metrics_of_the_page_on_running_are_those_it_names():
    (block,) = re.findall(r"## Metrics\n.*?```yaml\n(.*?)```", PAGE, re.DOTALL)
    given = yaml.safe_load(block)["evaluator"]
    metrics = [load(standard().find(options.pop("_target_")))(**options) for options in given["metrics"]]
    result = make_evaluator(Threshold(), metric=None, metrics=metrics, key_metric=given["key_metric"]).run()
    assert (list(result["metrics"]), result["key_metric"]) == (["dice", "hausdorff95"], "hausdorff95")


def test_progress_shows_each_metric_of_the_last_case():
    shown = {}

    class Bar(progress.Task):
        def advance(self, _steps=1, **figures):
            shown.update(figures)

    class Screen(progress.Display):
        @contextmanager
        def task(self, *_words, **_numbers):
            yield Bar()

    with progress.shown_by(Screen()):
        make_evaluator(OneRowMore(), metric=None, metrics=SEVERAL[:2]).run()
    assert shown == {"dice": pytest.approx(DICE[-1]), "hausdorff95": 1.0}


def test_metrics_that_cannot_be_told_apart_are_refused():
    with pytest.raises(ValueError, match="metric or metrics must be given, got both, MeanDice and 1 more"):
        make_evaluator(Threshold(), metric=MeanDice(), metrics=[MeanDice()])
    with pytest.raises(ValueError, match=r"different names, or .* got dice, hausdorff95, dice"):
        make_evaluator(Threshold(), metric=None, metrics=SEVERAL)
    with pytest.raises(ValueError, match="key must name one of the metrics, dice, got hausdorff"):
        make_evaluator(Threshold(), key_metric="hausdorff")
    with pytest.raises(ValueError, match=r"a metric's name must not be one of .*, got loss"):
        make_evaluator(Threshold(), metric=None, metrics={"loss": MeanDice()})


def test_a_second_run_forgets_the_first():
    evaluator = make_evaluator(Threshold())
    assert evaluator.run() == evaluator.run()


def test_without_a_metric_it_only_predicts():
    seen = []
    evaluator = make_evaluator(Threshold(), metric=None)
    evaluator.observers.append(seen.append)
    assert evaluator.run() == {}
    assert torch.equal(seen[1]["pred"].data, samples()[1]["label"].data)
    assert isinstance(seen[1]["pred"], Image)


def test_the_networks_mode_comes_back():
    network = make_network().train()
    make_evaluator(network).run()
    assert network.training


def test_files_that_were_written_are_told():
    def named(sample, _rng=None):
        return {**sample, "output": f"{sample['name']}.nii"}

    assert make_evaluator(Threshold(), metric=None, postprocessing=named).run()["files"] == [
        f"case {number}.nii" for number in range(3)
    ]


def test_damaged_cases_are_left_out_and_told_at_the_end():
    def damaged(sample, _rng=None):
        if sample["name"] in ("case 0", "case 2"):
            raise DataError(f"{sample['name']} is damaged")
        return sample

    seen = []
    evaluator = make_evaluator(Threshold())
    evaluator.loader = Loader(Dataset(samples(4), damaged))
    evaluator.observers.append(lambda sample: seen.append(sample["name"]))
    with pytest.raises(DataError, match=r"2 of 4 images were left out\n  got: case 0 is damaged; case 2 is damaged"):
        evaluator.run()
    assert seen == ["case 1", "case 3"]


def test_each_of_several_samples_of_one_is_measured():
    def halves(sample):
        return [{**sample, "name": f"{sample['name']} {part}"} for part in ("left", "right")]

    result = make_evaluator(Threshold(), postprocessing=halves).run()
    assert len(result["cases"]) == 6
