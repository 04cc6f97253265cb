import copy
import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from losses.brute_force import focal, make_case, one_hot, over_voxels, probabilities

from bundlert.losses import class_blocks
from bundlert.losses.class_blocks import Terms
from bundlert.losses.class_sums import ClassSums, class_sums, plain_sums
from bundlert.losses.classes import Classes, as_classes

ACTIVATIONS = ("softmax", "sigmoid", "")
CASES = [
    (activation, labels, Terms(overlap, squared, gamma))
    for activation, labels, overlap, squared, gamma in itertools.product(
        ACTIVATIONS, (True, False), (True, False), (True, False), (None, 0.0, 0.5, 1.0, 2.0)
    )
    if (activation or gamma is None) and (overlap or gamma is not None)
]


def made(activation, labels):
    return Classes(to_onehot_y=labels, **{activation: True} if activation else {})


def stacked(sums):
    return torch.stack([sums.overlap, sums.predicted, sums.truth, sums.present, sums.absent])


@pytest.mark.parametrize(("activation", "labels", "terms"), CASES)
@pytest.mark.parametrize("most", [7, 2**19])
def test_sums_and_gradient_equal_the_plain_formulas_in_whatever_blocks(monkeypatch, activation, labels, terms, most):
    monkeypatch.setattr(class_blocks, "_MOST_ON_CPU", most)
    scores, target = make_case(0)
    target = target if labels else as_classes(target, 3)
    slopes = torch.randn(5, 2, 3, dtype=torch.double, generator=torch.Generator().manual_seed(1))
    found, expected = [], []
    for way, results in ((class_sums, found), (plain_sums, expected)):
        leaf = scores.clone().requires_grad_()
        sums = way(leaf, target, made(activation, labels), terms)
        sums = stacked(sums) if isinstance(sums, ClassSums) else sums
        results += [sums.detach(), *torch.autograd.grad((sums * slopes).sum(), leaf)]
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["softmax", "sigmoid"]), st.sampled_from([0, 0.5, 1, 2, 3.5]))
def test_sums_equal_the_brute_force(seed, activation, gamma):
    scores, labels = make_case(seed, missing=1)
    g, p = one_hot(labels, 3), probabilities(scores, activation)
    sums = class_sums(scores, labels, made(activation, labels=True), Terms(gamma=gamma))
    present, absent = focal(scores, g, gamma, exclusive=activation == "softmax")
    expected = [*over_voxels(p, g)[:3], present.sum((2, 3)), absent.sum((2, 3))]
    np.testing.assert_allclose(stacked(sums).numpy(), expected, atol=1e-10)
    assert sums.voxels == 12


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 5), (1, 2, 3, 4), (2, 3, 2, 3, 2)])
def test_the_gradient_is_that_of_finite_differences_in_any_number_of_axes(shape):
    scores, labels = make_case(3, shape)
    scores.requires_grad_()
    for activation in ("softmax", "sigmoid"):
        classes = made(activation, labels=True)
        assert torch.autograd.gradcheck(
            lambda z, way=classes: stacked(class_sums(z, labels, way, Terms(squared=True, gamma=1.5))), scores
        )


def test_targets_get_a_gradient_too_if_they_need_one():
    scores, labels = make_case(0)
    target = (as_classes(labels, 3) * 0.9).double().requires_grad_()
    assert torch.autograd.gradcheck(
        lambda g: stacked(class_sums(scores, g, Classes(softmax=True), Terms(gamma=2, squared=True))), target
    )


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_any_number_of_threads_makes_the_same_sums_and_gradient(monkeypatch, threads):
    monkeypatch.setattr(class_blocks, "_MOST_ON_CPU", 2**12)
    monkeypatch.setattr(class_blocks, "_LEAST", 2**12)
    scores, labels = make_case(0, (2, 3, 40, 50))
    found, before = [], torch.get_num_threads()
    for count in (1, threads):
        torch.set_num_threads(count)
        leaf = scores.clone().requires_grad_()
        sums = stacked(class_sums(leaf, labels, made("softmax", labels=True), Terms(gamma=0)))
        found.append((sums.detach(), torch.autograd.grad(sums.square().sum(), leaf)[0]))
    torch.set_num_threads(before)
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


@pytest.mark.parametrize("labels", [True, False])
def test_misses_together_have_the_gradient_of_their_sum(labels):
    scores, target = make_case(0)
    target, grads = target if labels else as_classes(target, 3), []
    for apart in (True, False):
        leaf = scores.clone().requires_grad_()
        sums = class_sums(leaf, target, made("softmax", labels), Terms(gamma=0, apart=apart))
        grads.append(torch.autograd.grad(sums.present.sum() + sums.overlap[0, 1], leaf)[0])
    torch.testing.assert_close(*grads)


def test_sums_are_made_in_inference_mode_too(monkeypatch):
    monkeypatch.setattr(class_blocks, "_MOST_ON_CPU", 7)
    monkeypatch.setattr(class_blocks, "_LEAST", 7)
    scores, labels = make_case(0)
    with torch.inference_mode():
        found = class_sums(scores, labels, made("softmax", labels=True), Terms())
    expected = plain_sums(scores, labels, made("softmax", labels=True), Terms())
    torch.testing.assert_close(stacked(found).clone(), expected)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_one_graph_can_be_gone_back_through_twice_and_scores_are_left_alone(activation):
    scores, labels = make_case(0)
    kept = scores.clone()
    scores.requires_grad_()
    terms = Terms(gamma=0 if activation else None)
    total = stacked(class_sums(scores, labels, made(activation, labels=True), terms)).square().sum()
    first, second = (copy.deepcopy(torch.autograd.grad(total, scores, retain_graph=True)[0]) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(scores, kept)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_summed_in_float32(dtype):
    scores = torch.full((1, 2, 96, 96, 96), 6.0, dtype=dtype).requires_grad_()
    labels = torch.zeros(1, 1, 96, 96, 96, dtype=torch.uint8)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        sums = class_sums(scores, labels, made("softmax", labels=True), Terms())
    assert sums.overlap.tolist() == [[96**3 / 2, 0]]  # more than float16 can hold
    assert sums.overlap.dtype == torch.float32
    (sums.overlap.sum() / 96**3).backward()
    assert (scores.grad.dtype, scores.grad.shape) == (dtype, scores.shape)


def test_channels_last_scores_give_the_same_and_a_gradient_laid_out_alike():
    scores, labels = make_case(0, (2, 3, 4, 5, 6))
    grads = []
    for layout in (torch.contiguous_format, torch.channels_last_3d):
        leaf = scores.clone(memory_format=layout).requires_grad_()
        stacked(class_sums(leaf, labels, made("softmax", labels=True), Terms(gamma=0))).sum().backward()
        grads.append(leaf.grad)
    torch.testing.assert_close(grads[1], grads[0])
    assert grads[1].is_contiguous(memory_format=torch.channels_last_3d)


def test_a_label_that_is_no_class_is_told():
    scores, labels = make_case(0)
    labels[0, 0, 0, 0] = 255
    with pytest.raises(ValueError, match="target must have labels 0 to 2 for 3 classes of input, got 0 to 255"):
        class_sums(scores, labels, made("softmax", labels=True), Terms())


def test_the_classes_that_count_are_taken_out_of_all_sums():
    scores, labels = make_case(0)
    sums = class_sums(scores, labels, made("softmax", labels=True), Terms(gamma=0))
    counted = sums.counted(Classes(include_background=False))
    assert torch.equal(stacked(counted), stacked(sums)[:, :, 1:])
    assert counted.voxels == sums.voxels
