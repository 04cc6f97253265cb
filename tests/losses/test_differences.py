import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.losses.differences import energy_map, energy_sum
from bundlert.ops import scratch

SHAPES = [(3,), (9,), (3, 3), (5, 6), (3, 4, 5), (6, 5, 4)]


def make_field(seed, shape):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(2, len(shape), *shape)))


def differences(component, here, d, e):
    """The first difference along d or, with e, the second one along both, at one voxel of one component."""
    step, other = np.eye(component.ndim, dtype=int)[[d, d if e is None else e]]

    def u(offset):
        return component[tuple(here + offset)]

    if e is None:
        return (u(step) - u(-step)) / 2
    if d == e:
        return u(step) - 2 * u(0) + u(-step)
    return (u(step + other) - u(step - other) - u(other - step) + u(-step - other)) / 4


def brute_force(field, *, second, normalize):
    """Voxel by voxel, component by component, from the definition."""
    sizes = field.shape[2:]
    axes = range(len(sizes))
    found = np.zeros((*field.shape[:2], *(size - 2 for size in sizes)))
    for item, component, *place in np.ndindex(found.shape):
        for d, e in [(d, e) for d in axes for e in (axes if second else [None])]:
            unit = sizes[d] * (1 if e is None else sizes[e]) / sizes[component] if normalize else 1
            slope = differences(field[item, component], np.array(place) + 1, d, e)
            found[(item, component, *place)] += (unit * slope) ** 2
    return found


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(SHAPES), st.booleans(), st.booleans())
def test_map_and_sum_equal_the_brute_force_in_whatever_slabs(seed, shape, second, normalize):
    field, options = make_field(seed, shape), {"second": second, "normalize": normalize}
    expected = brute_force(field.numpy(), **options)
    np.testing.assert_allclose(energy_map(field, **options), expected, rtol=1e-9, atol=1e-12)
    for most in (1, 100, 2**21):
        kept, scratch._MOST_ON_CPU = scratch._MOST_ON_CPU, most
        try:
            assert energy_sum(field, **options).item() == pytest.approx(expected.sum(), rel=1e-9)
        finally:
            scratch._MOST_ON_CPU = kept


@pytest.mark.parametrize("most", [1, 100, 2**21])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("normalize", [False, True])
def test_the_gradient_equals_that_of_the_map_in_whatever_slabs(monkeypatch, most, shape, second, normalize):
    monkeypatch.setattr(scratch, "_MOST_ON_CPU", most)
    field, options = make_field(0, shape).requires_grad_(), {"second": second, "normalize": normalize}
    (expected,) = torch.autograd.grad(energy_map(field, **options).sum() * 3, field)
    total = energy_sum(field, **options) * 3
    for found in (torch.autograd.grad(total, field, retain_graph=True), torch.autograd.grad(total, field)):
        torch.testing.assert_close(found[0], expected, rtol=1e-9, atol=1e-10)


def test_a_field_that_isnt_laid_out_as_one_row_gives_the_same():
    field = make_field(0, (5, 6, 7))
    turned = field.transpose(2, 4).contiguous().transpose(2, 4)
    found, expected = (energy_sum(one, second=True, normalize=False) for one in (turned, field))
    torch.testing.assert_close(found, expected)


def test_float32_is_exact_to_a_millionth():
    field = make_field(0, (30, 31, 32))
    found, expected = (energy_sum(one, second=True, normalize=False).item() for one in (field.float(), field))
    assert found == pytest.approx(expected, rel=1e-6)
