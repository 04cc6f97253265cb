import pytest
import torch
from engines.tiny import make_evaluator, make_network, samples

from bundlert.data.dataset import Dataset
from bundlert.data.loader import Loader
from bundlert.errors import DataError
from bundlert.images.image import Image


class Threshold(torch.nn.Module):
    """Scores that find the label of the tiny problem without learning."""

    def forward(self, images):
        assert not torch.is_grad_enabled()
        return torch.cat([-images, images], dim=1)


def test_a_perfect_network_has_dice_1():
    result = make_evaluator(Threshold()).run()
    assert result == {"dice": 1.0, "cases": {"case 0": 1.0, "case 1": 1.0, "case 2": 1.0}}


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
