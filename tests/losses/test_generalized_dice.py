import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from losses.brute_force import make_case, one_hot, over_voxels, probabilities

from bundlert.losses.classes import as_classes
from bundlert.losses.generalized_dice import GeneralizedDiceLoss

CHOICE = {"to_onehot_y": True, "softmax": True}
POWERS = {"square": 2, "simple": 1, "uniform": 0}


def brute_force(scores, labels, w_type, **options):
    """Item by item, class by class, in plain numbers."""
    overlaps, predicted, truth, *_ = over_voxels(probabilities(scores, "softmax"), one_hot(labels, 3), **options)
    values = []
    for item in range(len(truth)):
        weights = [None if size == 0 else size ** -float(POWERS[w_type]) for size in truth[item]]
        heaviest = max([one for one in weights if one is not None], default=1)
        weights = [heaviest if one is None else one for one in weights]
        overlap = sum(weight * one for weight, one in zip(weights, overlaps[item], strict=True))
        total = sum(w * (p + g) for w, p, g in zip(weights, predicted[item], truth[item], strict=True))
        values.append(1 - (2 * overlap + 1e-5) / (total + 1e-5))
    return values


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([*POWERS]), st.booleans(), st.booleans(), st.sampled_from([None, 1, 2]))
def test_the_loss_equals_its_definition(seed, w_type, background, batch, missing):
    scores, labels = make_case(seed, missing=missing)
    options = {"include_background": background, "batch": batch, "w_type": w_type, "reduction": "none"}
    found = GeneralizedDiceLoss(**CHOICE, **options)(scores, labels)
    assert found.tolist() == pytest.approx(brute_force(scores, labels, w_type, background=background, batch=batch))


@pytest.mark.parametrize("w_type", POWERS)
def test_a_perfect_prediction_costs_nothing_and_a_disjoint_one_everything(w_type):
    labels = torch.tensor([[[[0, 1], [2, 2]]]])
    loss = GeneralizedDiceLoss(to_onehot_y=True, w_type=w_type)
    assert loss(as_classes(labels, 3).float(), labels).item() == pytest.approx(0, abs=1e-6)
    assert loss(as_classes((labels + 1) % 3, 3).float(), labels).item() == pytest.approx(1, abs=1e-4)


def test_a_small_class_weighs_as_much_as_a_large_one():
    labels = torch.zeros(1, 1, 100, dtype=torch.long)
    labels[..., :2] = 1
    nothing = as_classes(torch.zeros_like(labels), 2).float()
    assert GeneralizedDiceLoss(to_onehot_y=True, w_type="uniform")(nothing, labels).item() < 0.03
    assert GeneralizedDiceLoss(to_onehot_y=True)(nothing, labels).item() > 0.9


def test_false_alarms_cost_where_there_is_nothing_to_find():
    scores = torch.zeros(1, 2, 9, requires_grad=True)
    loss = GeneralizedDiceLoss(**CHOICE, include_background=False)(scores, torch.zeros(1, 1, 9))
    loss.backward()
    assert loss.item() == pytest.approx(1, abs=1e-4)
    assert (scores.grad[:, 1] > 0).all()


@pytest.mark.parametrize("missing", [None, 1])
def test_the_gradient_is_that_of_finite_differences(missing):
    scores, labels = make_case(1, missing=missing)
    assert torch.autograd.gradcheck(lambda z: GeneralizedDiceLoss(**CHOICE)(z, labels), scores.requires_grad_())


def test_items_are_reduced_as_told():
    scores, labels = make_case(2)
    whole = GeneralizedDiceLoss(**CHOICE, reduction="none")(scores, labels)
    assert GeneralizedDiceLoss(**CHOICE)(scores, labels).item() == pytest.approx(whole.mean().item())
    assert GeneralizedDiceLoss(**CHOICE, reduction="sum")(scores, labels).item() == pytest.approx(whole.sum().item())
    assert np.shape(GeneralizedDiceLoss(**CHOICE, reduction="none", batch=True)(scores, labels)) == (1,)


def test_an_unknown_weight_is_told():
    with pytest.raises(ValueError, match="w_type must be one of square, simple, uniform, got 'cube'"):
        GeneralizedDiceLoss(w_type="cube")
