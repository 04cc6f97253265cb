import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.metrics.labels import read_labels

labels = st.lists(st.tuples(st.integers(0, 17), st.integers(0, 17)), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(labels, st.sampled_from([18, 300]))
def test_counts_are_those_of_sets(pairs, classes):
    prediction, target = (torch.tensor(side)[None] for side in zip(*pairs, strict=True))
    found = read_labels(prediction, target).counts(classes)
    assert found.shape == (classes, 4)
    for kind in range(18):
        tp = sum(a == b == kind for a, b in pairs)
        fp = sum(a == kind != b for a, b in pairs)
        fn = sum(a != kind == b for a, b in pairs)
        assert found[kind].tolist() == [tp, fp, fn, len(pairs) - tp - fp - fn]


@pytest.mark.parametrize("classes", [16, 17])  # the last that fit into bytes, and the next
def test_the_highest_labels_are_counted_whatever_holds_them(classes):
    sides = torch.tensor([[classes - 1, 0]]), torch.tensor([[classes - 1, classes - 1]])
    found = read_labels(*sides).counts(classes)
    assert found[classes - 1].tolist() == [1, 0, 1, 0]
    assert found[0].tolist() == [0, 1, 0, 1]


def test_masks_may_overlap():
    prediction, target = torch.tensor([[1, 1, 0], [1, 0, 0]]), torch.tensor([[1, 0, 0], [1, 1, 0]])
    found = read_labels(prediction, target)
    assert found.masks
    assert found.counts(found.classes(None)).tolist() == [[1, 1, 0, 1], [1, 0, 1, 1]]


@pytest.mark.parametrize(
    "kind", [torch.uint8, torch.int16, torch.int64, torch.float32, torch.float16, torch.float64], ids=str
)
def test_labels_of_any_type_are_labels(kind):
    found = read_labels(torch.tensor([[0, 1, 2]]).to(kind), torch.tensor([[2, 1, 0]]).to(kind))
    assert (found.prediction.tolist(), found.target.tolist(), found.highest) == ([0, 1, 2], [2, 1, 0], 2)
    assert found.classes(None) == 3


def test_truth_values_are_labels_too():
    found = read_labels(torch.tensor([[True, False]]), torch.tensor([[False, False]]))
    assert found.counts(found.classes(None)).tolist() == [[1, 0, 1, 0], [0, 1, 0, 1]]


def test_scores_show_how_many_classes_there_are():
    found = read_labels(torch.tensor([[0.1, 0.9], [0.5, 0.2], [0.4, 0.3]]), torch.tensor([[1, 0]]))
    assert (found.prediction.tolist(), found.classes(None)) == ([1, 0], 3)
    assert read_labels(torch.zeros(1, 2), torch.zeros(1, 2)).classes(None) == 2


def test_an_item_without_axes_is_a_case():
    found = read_labels(torch.tensor([0.1, 0.7, 0.2]), torch.tensor([1]))
    assert found.counts(3).tolist() == [[0, 0, 0, 1], [1, 0, 0, 0], [0, 0, 0, 1]]


NAN = float("nan")


@pytest.mark.parametrize(
    ("prediction", "target", "message"),
    [
        (torch.zeros(2, 4), torch.zeros(3, 4), r"must agree, got \(2, 4\) and \(3, 4\)"),
        (torch.zeros(1, 4), torch.zeros(3, 4), r"must agree, got \(1, 4\) and \(3, 4\)"),
        (torch.zeros(1, 4, 4), torch.zeros(1, 4), r"must agree, got \(1, 4, 4\) and \(1, 4\)"),
        (torch.tensor(1), torch.tensor(1), r"must agree, got \(\) and \(\)"),
        (torch.zeros(1, 0), torch.zeros(1, 0), r"must have voxels, got the shape \(1, 0\)"),
        (torch.zeros(0, 2), torch.zeros(1, 2), r"must have voxels, got the shape \(0, 2\)"),
        (torch.tensor([[0.0, NAN], [1.0, 2.0]]), torch.zeros(1, 2), "scores must be numbers, got 1 voxels with NaN"),
        (torch.tensor([[0.0, 0.7]]), torch.zeros(1, 2), "whole numbers, got 0.7 in the prediction"),
        (torch.zeros(1, 2), torch.tensor([[0.0, NAN]]), "whole numbers, got nan in the target"),
        (torch.zeros(1, 2), torch.tensor([[0, -1]]), "must not be negative, got -1 in the target"),
        (torch.full((2, 2), 0.5), torch.zeros(2, 2), "must hold 0 and 1, got 0.5 in the prediction"),
        (torch.zeros(2, 2), torch.full((2, 2), NAN), "must hold 0 and 1, got nan in the target"),
    ],
)
def test_what_are_no_labels_is_refused(prediction, target, message):
    with pytest.raises(ValueError, match=message):
        read_labels(prediction, target)


def test_more_classes_than_expected_are_refused():
    with pytest.raises(ValueError, match="labels must be below num_classes, 2, got 5"):
        read_labels(torch.tensor([[5]]), torch.tensor([[0]])).classes(2)
    with pytest.raises(ValueError, match="there must be num_classes masks, 4, got 2"):
        read_labels(torch.zeros(2, 3), torch.zeros(2, 3)).classes(4)
