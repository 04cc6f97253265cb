import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from losses.brute_force import focal, make_case, one_hot

from bundlert.losses.focal import FocalLoss

WEIGHTS = [1.0, 2.0, 0.5]


def brute_force(scores, labels, *, gamma, alpha, weight, background, exclusive):
    """The loss of each voxel and class that counts."""
    misses, alarms = focal(scores, one_hot(labels, 3), gamma, exclusive=exclusive)
    hit, false = np.ones(3), np.ones(3)
    if isinstance(alpha, list):
        hit = np.array(alpha)
    elif alpha is not None and not exclusive:
        hit, false = hit * alpha, false * (1 - alpha)
    elif alpha is not None and background:
        hit = np.array([1 - alpha, alpha, alpha])
    along = (1, 3, *[1] * (scores.ndim - 2))
    return (weight.reshape(along) * (hit.reshape(along) * misses + false.reshape(along) * alarms))[:, not background :]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from([0, 0.5, 1, 2, 3.5]),
    st.sampled_from([None, 0.25, [0.1, 0.2, 0.3]]),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_the_loss_equals_its_definition_however_reduced(seed, gamma, alpha, switches):
    (weighted, background, exclusive), (scores, labels) = switches, make_case(seed)
    weight = np.array(WEIGHTS if weighted else [1.0, 1, 1])
    options = {"gamma": gamma, "alpha": alpha, "background": background, "exclusive": exclusive}
    expected = brute_force(scores, labels, weight=weight, **options)
    first = 0 if background else 1
    for reduction, value in {"none": expected, "mean": expected.mean(), "sum": expected.mean((2, 3)).sum()}.items():
        loss = FocalLoss(
            to_onehot_y=True,
            include_background=background,
            use_softmax=exclusive,
            gamma=gamma,
            alpha=alpha[first:] if isinstance(alpha, list) else alpha,
            weight=WEIGHTS[first:] if weighted else None,
            reduction=reduction,
        )
        np.testing.assert_allclose(loss(scores, labels), value, atol=1e-6)  # alpha and weight are float32


def test_without_an_exponent_it_is_cross_entropy():
    scores, labels = make_case(0)
    softmax = FocalLoss(to_onehot_y=True, use_softmax=True, gamma=0)(scores, labels) * 3  # classes count in the mean
    torch.testing.assert_close(softmax, torch.nn.functional.cross_entropy(scores, labels[:, 0]))
    target = torch.from_numpy(one_hot(labels, 3))
    sigmoid = FocalLoss(gamma=0)(scores, target)
    torch.testing.assert_close(sigmoid, torch.nn.functional.binary_cross_entropy_with_logits(scores, target))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(-50, 50))
def test_what_is_added_to_all_scores_changes_nothing_where_classes_exclude_each_other(seed, shift):
    scores, labels = make_case(seed)
    loss = FocalLoss(to_onehot_y=True, use_softmax=True)
    assert loss(scores + shift, labels).item() == pytest.approx(loss(scores, labels).item(), abs=1e-9)


def test_a_greater_exponent_makes_sure_hits_cheaper():
    scores, labels = torch.tensor([[[3.0], [0.0]]]), torch.zeros(1, 1, 1)
    costs = [
        FocalLoss(to_onehot_y=True, use_softmax=True, gamma=gamma)(scores, labels).item() for gamma in (0, 1, 2, 5)
    ]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] > 0


@pytest.mark.parametrize("gamma", [0.5, 1, 2, 2.5])
@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("shape", [(2, 3, 4), (1, 3, 2, 3), (1, 2, 2, 2, 2)])
def test_the_gradient_is_that_of_finite_differences(gamma, exclusive, shape):
    scores, labels = make_case(1, shape)
    loss = FocalLoss(to_onehot_y=True, use_softmax=exclusive, gamma=gamma, alpha=0.3)
    assert torch.autograd.gradcheck(lambda z: loss(z, labels), scores.requires_grad_())


def test_certainty_gives_finite_values_and_gradients():
    scores = torch.tensor([[[300.0, -300.0], [-300.0, 300.0]]], requires_grad=True)
    for exclusive in (False, True):
        for gamma in (0.5, 2.0):
            loss = FocalLoss(to_onehot_y=True, use_softmax=exclusive, gamma=gamma)(scores, torch.zeros(1, 1, 2))
            (gradient,) = torch.autograd.grad(loss, scores)
            assert torch.isfinite(loss)
            assert torch.isfinite(gradient).all()


def test_wrong_arguments_are_told():
    with pytest.raises(ValueError, match=r"gamma must be >= 0, got -1"):
        FocalLoss(gamma=-1)
    with pytest.raises(ValueError, match=r"alpha must be 0 to 1, got 1.5"):
        FocalLoss(alpha=1.5)
    with pytest.raises(ValueError, match=r"must have one factor for each of 2 classes, got \[1.0, 2.0, 3.0\]"):
        FocalLoss(weight=[1, 2, 3])(torch.zeros(1, 2, 4), torch.zeros(1, 2, 4))
    with pytest.raises(ValueError, match=r"one shape \[B, K, \*S\], got \(1, 2, 4\) and \(1, 1, 4\)"):
        FocalLoss(reduction="none")(torch.zeros(1, 2, 4), torch.zeros(1, 1, 4))
