import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.losses import class_blocks
from bundlert.losses.class_blocks import BlockSums, Terms, Truth, blocks, probabilities
from bundlert.losses.classes import Classes
from bundlert.losses.scratch import Scratch


@settings(max_examples=50, deadline=None)
@given(st.tuples(*[st.integers(1, 9)] * 3), st.integers(1, 100))
def test_blocks_cover_each_voxel_of_each_item_once(shape, most):
    kept, class_blocks._MOST_ON_CPU = class_blocks._MOST_ON_CPU, most
    try:
        found = list(blocks(torch.Size(shape), torch.device("cpu")))
    finally:
        class_blocks._MOST_ON_CPU = kept
    covered = torch.zeros(shape[0], shape[2])
    for items, voxels in found:
        covered[items, voxels] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float32, torch.float64])
def test_labels_become_numbers_of_a_block_and_others_stay_what_they_are(dtype):
    scratch = Scratch(torch.zeros(0))
    labels = torch.tensor([[[2, 0, 1, 1]]], dtype=dtype)
    block = Truth(labels, 3, labels=True, scratch=scratch).block(slice(0, 1), slice(1, 4))
    assert block.tolist() == [[[1, 0, 0], [0, 1, 1], [0, 0, 0]]]
    given_classes = Truth(labels, 1, labels=False, scratch=scratch).block(slice(0, 1), slice(0, 2))
    assert (given_classes.tolist(), given_classes.dtype) == ([[[2, 0]]], torch.float32)


@pytest.mark.parametrize("kind", ["softmax", "sigmoid", ""])
def test_probabilities_are_those_of_torch(kind):
    scores = torch.randn(2, 3, 4)
    found = probabilities(scores, Classes(**{kind: True} if kind else {}))
    expected = {"softmax": scores.softmax(1), "sigmoid": scores.sigmoid(), "": scores}[kind]
    assert torch.equal(found, expected)


def test_scores_far_apart_neither_overflow_nor_vanish():
    scores = torch.tensor([[[200.0, -200.0], [-200.0, 200.0]]])
    truth, p = torch.tensor([[[0.0, 1.0], [1.0, 0.0]]]), torch.empty(1, 2, 2)
    for classes, expected in ((Classes(softmax=True), [400, 400]), (Classes(sigmoid=True), [200, 200])):
        block = BlockSums(classes, Terms(gamma=0), Scratch(torch.zeros(0)))
        *_, present, absent = block.sums(scores, truth.clone(), p)
        assert present.tolist() == [expected]
        assert absent.tolist() == [[0, 0] if classes.softmax else [200, 200]]
