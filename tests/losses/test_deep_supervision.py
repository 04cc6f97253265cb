import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.losses.deep_supervision import DeepSupervisionLoss
from bundlert.losses.dice_ce import DiceCELoss

INNER = DiceCELoss(to_onehot_y=True, softmax=True)


def make_outputs(labels, scales=(1, 2, 4)):
    return [torch.randn(1, 3, *(size // scale for size in labels.shape[2:]), dtype=torch.double) for scale in scales]


@pytest.mark.parametrize(
    ("options", "weights"),
    [
        ({}, [1, 0.5, 0.25]),
        ({"weight_mode": "same"}, [1, 1, 1]),
        ({"weight_mode": "two"}, [1, 0.5, 0.5]),
        ({"weights": [0.2, 0.3, 0.4, 9]}, [0.2, 0.3, 0.4]),
    ],
)
def test_it_is_the_weighted_sum_of_the_loss_on_each_grid(options, weights):
    labels = torch.randint(0, 3, (1, 1, 8, 12))
    outputs = make_outputs(labels)
    coarser = [labels, labels[..., 1::2, 1::2], labels[..., 2::4, 2::4]]
    expected = sum(w * INNER(output, one) for w, output, one in zip(weights, outputs, coarser, strict=True))
    torch.testing.assert_close(DeepSupervisionLoss(INNER, **options)(outputs, labels), expected)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 20), st.integers(1, 20))
def test_targets_are_those_of_torchs_exact_nearest_voxels(have, want):
    seen = []

    class Watching(torch.nn.Module):
        def forward(self, output, target):
            seen.append(target)
            return output.sum()

    target = torch.rand(1, 1, have)
    DeepSupervisionLoss(Watching())([torch.zeros(1, 2, want)], target)
    assert torch.equal(seen[0], torch.nn.functional.interpolate(target, size=want, mode="nearest-exact"))


def test_one_output_is_the_loss_itself_whether_alone_or_in_a_list():
    labels = torch.randint(0, 3, (1, 1, 4, 4, 4), dtype=torch.uint8)
    scores = torch.randn(1, 3, 4, 4, 4)
    for given_scores in (scores, [scores], (scores,)):
        assert torch.equal(DeepSupervisionLoss(INNER)(given_scores, labels), INNER(scores, labels))


def test_each_output_learns():
    labels = torch.randint(0, 3, (1, 1, 8, 8))
    outputs = [one.requires_grad_() for one in make_outputs(labels)]
    DeepSupervisionLoss(INNER)(outputs, labels).backward()
    assert all(one.grad.abs().sum() > 0 for one in outputs)


def test_wrong_arguments_are_told():
    labels = torch.zeros(1, 1, 8, 8)
    with pytest.raises(ValueError, match="weight_mode must be one of exp, same, two, got 'three'"):
        DeepSupervisionLoss(INNER, "three")
    with pytest.raises(ValueError, match="input must have 1 to 2 outputs, got 3"):
        DeepSupervisionLoss(INNER, weights=[1, 2])(make_outputs(labels), labels)
    with pytest.raises(ValueError, match="input must have 1 to any outputs, got 0"):
        DeepSupervisionLoss(INNER)([], labels)
    with pytest.raises(ValueError, match=r"of one batch, got \(2, 3, 8, 8\) and \(1, 1, 8, 8\)"):
        DeepSupervisionLoss(INNER)(torch.zeros(2, 3, 8, 8), labels)
