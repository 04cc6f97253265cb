import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from losses.brute_force import make_case, one_hot, over_voxels, probabilities

from bundlert.losses.classes import as_classes
from bundlert.losses.dice import DiceLoss
from bundlert.losses.tversky import TverskyLoss

CHOICE = {"to_onehot_y": True, "softmax": True}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 2), st.floats(0, 2), st.booleans(), st.booleans())
def test_the_loss_equals_its_definition(seed, alpha, beta, background, batch):
    scores, labels = make_case(seed, missing=2)
    loss = TverskyLoss(**CHOICE, alpha=alpha, beta=beta, include_background=background, batch=batch)
    p, g = probabilities(scores, "softmax"), one_hot(labels, 3)
    hits, *_ = over_voxels(p, g, background=background, batch=batch)
    alarms, *_ = over_voxels(p, 1 - g, background=background, batch=batch)
    misses, *_ = over_voxels(1 - p, g, background=background, batch=batch)
    expected = np.mean(1 - (hits + 1e-5) / (hits + alpha * alarms + beta * misses + 1e-5))
    assert loss(scores, labels).item() == pytest.approx(expected, abs=1e-9)


def test_halves_of_both_are_the_dice_loss():
    scores, labels = make_case(0)
    tversky = TverskyLoss(**CHOICE, smooth_nr=0.5e-5, smooth_dr=0.5e-5)(scores, labels)
    assert tversky.item() == pytest.approx(DiceLoss(**CHOICE)(scores, labels).item(), abs=1e-12)


def test_more_weight_of_misses_makes_misses_dearer():
    labels = torch.tensor([[[0, 1, 1, 1]]])
    missing, alarming = torch.tensor([[[0, 0, 1, 1]]]), torch.tensor([[[1, 1, 1, 1]]])
    for alpha, beta, dearer in ((0.3, 0.7, missing), (0.7, 0.3, alarming)):
        loss = TverskyLoss(to_onehot_y=True, include_background=False, alpha=alpha, beta=beta)
        costs = {id(one): loss(as_classes(one, 2).float(), labels).item() for one in (missing, alarming)}
        assert max(costs, key=costs.get) == id(dearer)


def test_it_is_reduced_as_told_and_right_where_the_gradient_is_asked_for():
    scores, labels = make_case(1)
    whole = TverskyLoss(**CHOICE, reduction="none")(scores, labels)
    assert whole.shape == (2, 3)
    assert TverskyLoss(**CHOICE, reduction="none", batch=True)(scores, labels).shape == (3,)
    assert TverskyLoss(**CHOICE, reduction="sum")(scores, labels).item() == pytest.approx(whole.sum().item())
    loss = TverskyLoss(to_onehot_y=True, sigmoid=True, alpha=0.2, beta=0.9)
    assert torch.autograd.gradcheck(lambda z: loss(z, labels), scores.requires_grad_())


def test_wrong_arguments_are_told():
    with pytest.raises(ValueError, match=r"alpha and beta must be >= 0, got -1 and 0.5"):
        TverskyLoss(alpha=-1)
