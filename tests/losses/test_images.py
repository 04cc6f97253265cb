"""What all losses over images or fields keep is tried here too: each is in the list of examples."""

import re

import pytest
import torch
from contracts.examples import IMAGE_LOSSES, components, made

from bundlert.losses.images import check_field, check_images, exact

each_loss = pytest.mark.parametrize("component", components("image loss"), ids=lambda one: one.name)
OF_FIELDS = {"BendingEnergyLoss", "DiffusionLoss"}


def tried(component, dtype=torch.double, **options):
    """A loss with what it takes, the first of which learns."""
    chance = torch.Generator().manual_seed(0)
    images = [torch.rand(2, 2, 6, 7, generator=chance, dtype=torch.double).to(dtype) for _ in range(2)]
    loss = made(component, **{**IMAGE_LOSSES[component.name], **options})
    images = images[:1] if component.name in OF_FIELDS else images
    return loss, images[0].requires_grad_(), images[1:]


@each_loss
def test_it_is_one_finite_number_with_the_gradient_of_finite_differences(component):
    loss, learning, others = tried(component)
    value = loss(learning, *others)
    assert value.shape == ()
    assert torch.isfinite(value)
    assert torch.autograd.gradcheck(lambda given: loss(given, *others), learning)


@each_loss
def test_mean_and_sum_are_those_of_what_isnt_reduced(component):
    loss, learning, others = tried(component, reduction="none")
    whole = loss(learning, *others)
    assert whole.shape[0] == 2
    for reduction, expected in (("mean", whole.mean()), ("sum", whole.sum())):
        loss, *_ = tried(component, reduction=reduction)
        torch.testing.assert_close(loss(learning, *others), expected)


@each_loss
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_worked_in_float32_and_the_gradient_is_half_again(component, dtype):
    loss, learning, others = tried(component, dtype)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = loss(learning, *others)
    expected = loss(learning.detach().float(), *(other.float() for other in others))
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, expected)
    value.backward()
    assert learning.grad.dtype == dtype
    assert torch.isfinite(learning.grad).all()


@each_loss
def test_a_step_against_the_gradient_lowers_it(component):
    loss, learning, others = tried(component)
    (slope,) = torch.autograd.grad(loss(learning, *others), learning)
    better = (learning - 1e-3 * slope / slope.norm()).detach()
    assert loss(better, *others) < loss(learning, *others)


@each_loss
def test_shapes_that_dont_fit_are_told(component):
    loss, _, others = tried(component)
    shapes = r"\(1, 3, 6, 7\) and \(2, 2, 6, 7\)" if others else r"\(1, 3, 6, 7\)"
    with pytest.raises(ValueError, match=shapes):
        loss(torch.zeros(1, 3, 6, 7), *others)


def test_images_must_have_one_shape():
    check_images(torch.zeros(1, 1, 4, 5), torch.zeros(1, 1, 4, 5), 2)
    expected = "both images must have one shape [B, C, S, S], got (1, 1, 4, 5) and (1, 1, 4, 6)"
    with pytest.raises(ValueError, match=re.escape(expected)):
        check_images(torch.zeros(1, 1, 4, 5), torch.zeros(1, 1, 4, 6), 2)


def test_a_field_must_have_a_component_an_axis_and_voxels_for_differences():
    check_field(torch.zeros(1, 3, 3, 4, 5))
    with pytest.raises(ValueError, match=r"field \[B, D, \*S\] with D axes, got \(1, 2, 3, 4, 5\)"):
        check_field(torch.zeros(1, 2, 3, 4, 5))
    with pytest.raises(ValueError, match=r"3 voxels or more along each axis, got \(1, 2, 2, 5\)"):
        check_field(torch.zeros(1, 2, 2, 5))


def test_the_exact_type_is_the_finest_of_those_around_but_never_half():
    half, single, double = (torch.zeros(1, dtype=one) for one in (torch.float16, torch.float32, torch.float64))
    assert exact(half).dtype == torch.float32
    assert exact(half, single).dtype == torch.float32
    assert exact(half, double).dtype == torch.float64
