import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.losses import class_blocks
from bundlert.losses.class_blocks import BlockSums, Terms, Truth, blocks, probabilities
from bundlert.losses.classes import Classes
from bundlert.ops.scratch import Scratch


@settings(max_examples=50, deadline=None)
@given(st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 200)), st.integers(1, 100), st.integers(1, 3))
def test_blocks_cover_each_voxel_of_each_item_once(shape, most, threads):
    kept = class_blocks._LEAST, class_blocks._MOST_ON_CPU
    class_blocks._LEAST, class_blocks._MOST_ON_CPU = 9, most
    try:
        found = list(blocks(torch.Size(shape), torch.device("cpu"), threads))
    finally:
        class_blocks._LEAST, class_blocks._MOST_ON_CPU = kept
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


@pytest.mark.parametrize("classes", [2, 3, 50, 5000])
def test_misses_together_are_the_sum_of_those_apart_whatever_the_number_of_classes_and_voxels(classes):
    chance = torch.Generator().manual_seed(0)
    for voxels in (1, 31, 32, 100):
        scores = 30 * torch.randn(2, classes, voxels, generator=chance)
        labels = torch.randint(0, classes, (2, 1, voxels), generator=chance)
        truth = torch.zeros_like(scores).scatter_(1, labels, 1)
        block = BlockSums(Classes(softmax=True, to_onehot_y=True), Terms(gamma=0, apart=False), Scratch(torch.zeros(0)))
        *_, present, _ = block.sums(scores, truth, torch.empty_like(scores))
        expected = torch.nn.functional.cross_entropy(scores.double(), labels[:, 0], reduction="none").sum(1)
        torch.testing.assert_close(present.sum(1).double(), expected, rtol=1e-6, atol=1e-5)
