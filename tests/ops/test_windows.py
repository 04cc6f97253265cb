import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import correlate1d

from bundlert.ops.scratch import Scratch
from bundlert.ops.windows import gaussian, triangle, window_sums, windowed

KERNELS = {"box": (1.0,) * 5, "even box": (0.5,) * 4, "triangle": triangle(5), "gaussian": gaussian(7, 1.5)}


def brute_force(values, kernels):
    """Windows that lie inside, axis after axis."""
    for axis, kernel in enumerate(kernels, start=values.ndim - len(kernels)):
        values = np.apply_along_axis(np.correlate, axis, values, kernel, "valid")
    return values


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (3, [0.25, 0.5, 0.25]),
        (5, [1 / 9, 2 / 9, 3 / 9, 2 / 9, 1 / 9]),
        (7, [0, 1 / 9, 2 / 9, 3 / 9, 2 / 9, 1 / 9, 0]),
        (9, [1 / 25, 2 / 25, 3 / 25, 4 / 25, 5 / 25, 4 / 25, 3 / 25, 2 / 25, 1 / 25]),
    ],
)
def test_a_triangle_is_a_box_convolved_with_itself(size, expected):
    assert triangle(size) == pytest.approx(expected)
    assert sum(triangle(size)) == pytest.approx(1)


def test_a_gaussian_is_one_in_the_middle():
    assert gaussian(3, 1) == pytest.approx([0.606531, 1, 0.606531], abs=1e-6)
    assert gaussian(5, 5 / 3) == pytest.approx([0.486752, 0.835270, 1, 0.835270, 0.486752], abs=1e-6)
    assert gaussian(2, 1) == pytest.approx([0.882497] * 2, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3), st.data())
def test_sums_over_windows_equal_those_of_numpy(seed, axes, data):
    kernel_of = st.one_of(st.sampled_from([*KERNELS.values()]), st.integers(1, 11).map(lambda n: (1.0,) * n))
    kernels = [data.draw(kernel_of) for _ in range(axes)]
    values = np.random.default_rng(seed).normal(size=(2, *(len(kernel) + seed % 3 for kernel in kernels)))
    expected = brute_force(values, kernels)
    np.testing.assert_allclose(windowed(torch.from_numpy(values), kernels), expected, atol=1e-12)
    raw = window_sums(torch.from_numpy(values.copy()), kernels, Scratch(torch.zeros(0, dtype=torch.double)))
    counted = tuple(slice(0, size) for size in expected.shape)
    np.testing.assert_allclose(raw[counted], expected, atol=1e-12)


def test_a_box_may_stand_between_other_kernels():
    values, kernels = np.random.default_rng(0).normal(size=(1, 6, 7, 8)), [triangle(5), (1.0,) * 3, triangle(5)]
    np.testing.assert_allclose(windowed(torch.from_numpy(values), kernels), brute_force(values, kernels), atol=1e-12)


def test_sums_in_float32_lose_nothing_over_a_long_axis():
    values = torch.rand(1, 100_000, generator=torch.Generator().manual_seed(0)) + 1000
    expected = correlate1d(values.double().numpy(), np.ones(9), axis=1)[:, 4:-4]
    np.testing.assert_allclose(windowed(values, [(1.0,) * 9]), expected, rtol=3e-7)


@pytest.mark.parametrize("name", KERNELS)
def test_the_gradient_is_that_of_finite_differences_even_of_itself(name):
    values = torch.randn(1, 9, 8, dtype=torch.double, requires_grad=True)
    kernels = [KERNELS[name], KERNELS["box"]]
    assert torch.autograd.gradcheck(lambda given: windowed(given, kernels), values)
    assert torch.autograd.gradgradcheck(lambda given: windowed(given, kernels), values)
