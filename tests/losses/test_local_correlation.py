import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.losses.local_correlation import Windows, correlation_map, correlation_sum
from bundlert.ops import scratch
from bundlert.ops.windows import gaussian, triangle

KERNELS = [(1.0, 1.0, 1.0), (1.0,) * 5, (1.0,) * 7, triangle(5), gaussian(3, 1), gaussian(5, 5 / 3)]


def images(seed, shape):
    chance = torch.Generator().manual_seed(seed)
    return [torch.rand(2, *shape, generator=chance, dtype=torch.double) for _ in range(2)]


def brute_force(first, second, windows):
    """Voxel by voxel: the window as a list of neighbours, zeros outside."""
    size, margin, weights = len(windows.kernel), windows.margin, np.ones(())
    for _ in range(windows.axes):
        weights = np.multiply.outer(weights, windows.kernel)
    padded = [np.pad(image, [(0, 0), *[(margin, margin)] * windows.axes]) for image in (first, second)]
    found, volume = np.zeros(first.shape), weights.sum()
    for index in np.ndindex(first.shape):
        f, s = (image[index[0], *(slice(begin, begin + size) for begin in index[1:])] for image in padded)
        cross = (weights * f * s).sum() - (weights * f).sum() * (weights * s).sum() / volume
        variances = [
            max((weights * x * x).sum() - (weights * x).sum() ** 2 / volume, windows.smooth_dr) for x in (f, s)
        ]
        found[index] = (cross**2 + windows.smooth_nr) / (variances[0] * variances[1])
    return found


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([(9,), (5, 6), (3, 4, 5)]), st.sampled_from(KERNELS), st.booleans())
def test_map_and_sum_equal_the_brute_force_in_whatever_slabs(seed, shape, kernel, smoothed):
    windows = Windows(kernel, len(shape), 0.1 if smoothed else 0.0, 0.01 if smoothed else 1e-5)
    first, second = images(seed, shape)
    expected = brute_force(first.numpy(), second.numpy(), windows)
    np.testing.assert_allclose(correlation_map(first, second, windows), expected, atol=1e-9)
    for most in (1, 200, 2**21):
        kept, scratch._MOST_ON_CPU = scratch._MOST_ON_CPU, most
        try:
            assert correlation_sum(first, second, windows).item() == pytest.approx(expected.sum(), rel=1e-9)
        finally:
            scratch._MOST_ON_CPU = kept


@pytest.mark.parametrize("most", [1, 300, 2**21])
@pytest.mark.parametrize("shape", [(9,), (5, 6), (4, 3, 5)])
@pytest.mark.parametrize("kernel", KERNELS)
def test_gradients_equal_those_of_the_map_in_whatever_slabs(monkeypatch, most, shape, kernel):
    monkeypatch.setattr(scratch, "_MOST_ON_CPU", most)
    windows = Windows(kernel, len(shape), 0.0, 0.02)  # some variances are below
    pair = [image.requires_grad_() for image in images(0, shape)]
    expected = torch.autograd.grad(correlation_map(*pair, windows).sum() * 3, pair)
    total = correlation_sum(*pair, windows) * 3
    for found in (torch.autograd.grad(total, pair, retain_graph=True), torch.autograd.grad(total, pair)):
        for one, other in zip(found, expected, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("wanted", [0, 1])
def test_one_image_alone_can_learn(wanted):
    windows, pair = Windows(KERNELS[0], 2, 0.0, 1e-5), images(1, (5, 6))

    def loss_of(given):
        return correlation_sum(*pair[:wanted], given, *pair[wanted + 1 :], windows)

    assert torch.autograd.gradcheck(loss_of, pair[wanted].clone().requires_grad_())
