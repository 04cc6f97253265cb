"""Against the formula in numpy; values worked out by hand stand in test_dice."""

import numpy as np
import pytest
import torch
from scipy.special import expit, log_softmax, softmax

from bundlert.losses.dice_ce import DiceCELoss

CHANCE = torch.Generator().manual_seed(0)
SCORES = torch.randn(2, 3, 4, 3, generator=CHANCE, dtype=torch.double)  # as many columns as classes, on purpose
LABELS = torch.randint(0, 3, (2, 1, 4, 3), generator=CHANCE)
ONE_HOT = np.moveaxis(np.eye(3)[LABELS[:, 0].numpy()], -1, 1)
WEIGHT = [0.5, 1.0, 2.0]


def dice(probabilities, axes=(2, 3)):
    overlap = (probabilities * ONE_HOT).sum(axes)
    return np.mean(1 - (2 * overlap + 1e-5) / (probabilities.sum(axes) + ONE_HOT.sum(axes) + 1e-5))


def cross_entropy(weight):
    """The mean over voxels, each weighted by its class."""
    per_class = np.reshape(weight, (1, 3, 1, 1)) * ONE_HOT
    return -(per_class * log_softmax(SCORES.numpy(), axis=1)).sum() / per_class.sum()


def binary_cross_entropy(weight):
    """The mean over voxels and classes, hits weighted by class."""
    p = expit(SCORES.numpy())
    hits = np.reshape(weight, (1, 3, 1, 1)) * ONE_HOT * np.log(p)
    return -(hits + (1 - ONE_HOT) * np.log(1 - p)).mean()


@pytest.mark.parametrize(("lambda_dice", "lambda_ce"), [(1, 1), (0, 1), (1, 0), (0.3, 2)])
@pytest.mark.parametrize("batch", [False, True])
def test_exclusive_classes_give_the_weighted_sum_of_both_parts(lambda_dice, lambda_ce, batch):
    loss = DiceCELoss(softmax=True, to_onehot_y=True, batch=batch, lambda_dice=lambda_dice, lambda_ce=lambda_ce)
    overlap = dice(softmax(SCORES.numpy(), axis=1), (0, 2, 3) if batch else (2, 3))
    expected = lambda_dice * overlap + lambda_ce * cross_entropy([1, 1, 1])
    assert loss(SCORES, LABELS).item() == pytest.approx(expected, abs=1e-12)


def test_independent_classes_give_dice_and_binary_cross_entropy():
    expected = dice(expit(SCORES.numpy())) + binary_cross_entropy([1, 1, 1])
    assert DiceCELoss(sigmoid=True)(SCORES, torch.from_numpy(ONE_HOT)).item() == pytest.approx(expected, abs=1e-12)


def test_weights_are_those_of_classes():
    exclusive = DiceCELoss(softmax=True, to_onehot_y=True, lambda_dice=0, weight=WEIGHT)
    assert exclusive(SCORES, LABELS).item() == pytest.approx(cross_entropy(WEIGHT), abs=1e-12)
    independent = DiceCELoss(sigmoid=True, lambda_dice=0, weight=WEIGHT)
    found = independent(SCORES, torch.from_numpy(ONE_HOT)).item()
    assert found == pytest.approx(binary_cross_entropy(WEIGHT), abs=1e-12)


def test_a_target_with_one_channel_a_class_is_as_good_as_labels():
    given_labels = DiceCELoss(softmax=True, to_onehot_y=True)(SCORES, LABELS).item()
    given_classes = DiceCELoss(softmax=True)(SCORES, torch.from_numpy(ONE_HOT)).item()
    assert given_classes == pytest.approx(given_labels, abs=1e-14)


def test_the_background_stays_in_the_cross_entropy_where_dice_leaves_it_out():
    options = {"softmax": True, "to_onehot_y": True, "include_background": False}
    both = DiceCELoss(**options)(SCORES, LABELS) - DiceCELoss(**options, lambda_ce=0)(SCORES, LABELS)
    assert both.item() == pytest.approx(cross_entropy([1, 1, 1]), abs=1e-12)


def test_scores_that_are_taken_as_they_are_still_give_a_cross_entropy_of_their_softmax():
    probabilities = SCORES.softmax(1)
    parts = dice(probabilities.numpy()) + -(ONE_HOT * log_softmax(probabilities.numpy(), axis=1)).sum(1).mean()
    assert DiceCELoss(to_onehot_y=True)(probabilities, LABELS).item() == pytest.approx(parts, abs=1e-12)


def test_labels_of_independent_classes_are_taken_as_one_channel_a_class():
    given_labels = DiceCELoss(sigmoid=True, to_onehot_y=True)(SCORES, LABELS)
    assert torch.equal(given_labels, DiceCELoss(sigmoid=True)(SCORES, torch.from_numpy(ONE_HOT)))


def test_a_target_of_shares_costs_each_class_its_share():
    shares = 0.8 * ONE_HOT + 0.2 / 3
    expected = -(shares * log_softmax(SCORES.numpy(), axis=1)).sum(1).mean()
    loss = DiceCELoss(softmax=True, lambda_dice=0)
    assert loss(SCORES, torch.from_numpy(shares)).item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("options", [{"softmax": True}, {"sigmoid": True}, {}])
def test_the_gradient_is_that_of_finite_differences(options):
    loss = DiceCELoss(to_onehot_y=True, weight=WEIGHT, include_background=False, squared_pred=True, **options)
    scores = (SCORES if options else SCORES.softmax(1)).clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda given: loss(given, LABELS), scores)


def test_float32_is_exact_to_a_millionth():
    chance = torch.Generator().manual_seed(0)
    scores, labels = (
        3 * torch.randn(2, 4, 30, 31, generator=chance),
        torch.randint(0, 3, (2, 1, 30, 31), generator=chance),
    )
    loss = DiceCELoss(to_onehot_y=True, softmax=True)
    single, double = scores.clone().requires_grad_(), scores.double().requires_grad_()
    found, expected = loss(single, labels), loss(double, labels)
    assert found.item() == pytest.approx(expected.item(), abs=1e-6)
    for value in (found, expected):
        value.backward()
    torch.testing.assert_close(single.grad.double(), double.grad, rtol=1e-4, atol=1e-8)
