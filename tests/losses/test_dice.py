import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.losses.classes import as_classes
from bundlert.losses.dice import DiceLoss
from bundlert.losses.dice_ce import DiceCELoss

# Two classes on 2 x 2 pixels, worked out by hand in the sheet of facts.
SCORES = torch.tensor([[[[2.0, -1], [0, 1]], [[-1, 1], [0.5, 3]]]])
TARGET = torch.tensor([[[[0, 1], [0, 1]]]])
CHOICE = {"softmax": True, "to_onehot_y": True}


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (DiceLoss(**CHOICE), 0.2297455),
        (DiceLoss(**CHOICE, squared_pred=True), 0.1209569),
        (DiceCELoss(**CHOICE, lambda_dice=0), 0.3191301),
        (DiceCELoss(**CHOICE, squared_pred=True, batch=True), 0.4400870),
        (DiceCELoss(**CHOICE, squared_pred=True, batch=True, include_background=False, lambda_dice=0.5, lambda_ce=0.5),
         0.2126087),
    ],
)  # fmt: skip
def test_the_loss_has_the_value_worked_out_by_hand(loss, expected):
    assert loss(SCORES, TARGET).item() == pytest.approx(expected, abs=1e-6)


def brute_force(scores, labels, *, background, squared, batch, jaccard):
    """Class by class and item by item, from the definition, in plain Python numbers."""
    probabilities = scores.softmax(1)
    items = [range(len(scores))] if batch else [[item] for item in range(len(scores))]
    values = []
    for group in items:
        for kind in range(0 if background else 1, scores.shape[1]):
            overlap = total = 0.0
            for item in group:
                pairs = zip(
                    probabilities[item, kind].flatten().tolist(), labels[item, 0].flatten().tolist(), strict=True
                )
                for p, label in pairs:
                    g = float(label == kind)
                    overlap += p * g
                    total += (p * p + g * g) if squared else p + g
            total = 2 * (total - overlap) if jaccard else total
            values.append(1 - (2 * overlap + 1e-5) / (total + 1e-5))
    return sum(values) / len(values)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_the_loss_equals_its_definition(seed, background, squared, batch, jaccard):
    chance = torch.Generator().manual_seed(seed)
    scores = torch.randn(2, 3, 2, 3, generator=chance, dtype=torch.float64)
    labels = torch.randint(0, 3, (2, 1, 2, 3), generator=chance)
    loss = DiceLoss(**CHOICE, include_background=background, squared_pred=squared, batch=batch, jaccard=jaccard)
    expected = brute_force(scores, labels, background=background, squared=squared, batch=batch, jaccard=jaccard)
    assert loss(scores, labels).item() == pytest.approx(expected, abs=1e-9)


def test_cross_entropy_is_torchs():
    scores, labels = torch.randn(2, 3, 4, 5), torch.randint(0, 3, (2, 1, 4, 5))
    weight = [0.5, 1.0, 2.0]
    ours = DiceCELoss(**CHOICE, lambda_dice=0, weight=weight)(scores, labels)
    theirs = torch.nn.CrossEntropyLoss(torch.tensor(weight))(scores, labels[:, 0])
    torch.testing.assert_close(ours, theirs)


def test_independent_classes_use_binary_cross_entropy():
    scores, target = torch.randn(2, 3, 4, 5), torch.randint(0, 2, (2, 3, 4, 5))
    ours = DiceCELoss(sigmoid=True, lambda_dice=0)(scores, target)
    torch.testing.assert_close(ours, torch.nn.BCEWithLogitsLoss()(scores, target.float()))


def test_a_perfect_prediction_costs_nothing():
    labels = torch.randint(0, 3, (2, 1, 4, 4))
    assert DiceLoss(to_onehot_y=True)(as_classes(labels, 3).float(), labels).item() == pytest.approx(0, abs=1e-6)


def test_gradients_are_right():
    scores = torch.randn(1, 2, 2, 2, dtype=torch.double, requires_grad=True)
    labels = torch.randint(0, 2, (1, 1, 2, 2))
    assert torch.autograd.gradcheck(lambda x: DiceCELoss(**CHOICE, squared_pred=True)(x, labels), scores)


def test_wrong_arguments_and_shapes_are_told():
    with pytest.raises(ValueError, match="sigmoid and softmax exclude each other"):
        DiceLoss(sigmoid=True, softmax=True)
    with pytest.raises(ValueError, match="reduction must be one of mean, sum, none, got 'max'"):
        DiceLoss(reduction="max")
    with pytest.raises(ValueError, match=r"one shape \[B, K, \*S\], got \(1, 2, 2, 2\) and \(1, 1, 2, 2\)"):
        DiceLoss()(SCORES, TARGET)
    with pytest.raises(ValueError, match=r"must be >= 0, got -1 and 1"):
        DiceCELoss(lambda_dice=-1)
