import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.losses.ssim import SSIMLoss


def weights_of(kind, size, sigma):
    far = np.arange(size) - (size - 1) / 2
    weights = np.exp(-(far**2) / (2 * sigma**2)) if kind == "gaussian" else np.ones(size)
    return weights / weights.sum()


def brute_force(x, y, weights, data_range=1.0):
    """Window by window, from the definition: the mean."""
    c1, c2, w, values = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2, np.ones(()), []
    for one in weights:
        w = np.multiply.outer(w, one)
    for corner in np.ndindex(*(n - k + 1 for n, k in zip(x.shape, w.shape, strict=True))):
        a, b = (v[tuple(slice(c, c + k) for c, k in zip(corner, w.shape, strict=True))] for v in (x, y))
        mean_a, mean_b = (w * a).sum(), (w * b).sum()
        covariance = (w * (a - mean_a) * (b - mean_b)).sum()
        variances = (w * (a - mean_a) ** 2).sum() + (w * (b - mean_b) ** 2).sum()
        means = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
        values.append(means * (2 * covariance + c2) / (variances + c2))
    return np.mean(values)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from(["gaussian", "uniform"]),
    st.integers(1, 3),
    st.integers(1, 4),
    st.floats(0.1, 300),
)
def test_the_loss_equals_its_definition(seed, kind, axes, size, data_range):
    x, y = np.random.default_rng(seed).uniform(0, data_range, size=(2, 2, 2, *[5, 4, 6][:axes]))
    loss, weights = SSIMLoss(axes, data_range, kind, size, 1.2, reduction="none"), [weights_of(kind, size, 1.2)] * axes
    expected = []
    for one, other in zip(x, y, strict=True):
        channels = [brute_force(a, b, weights, data_range) for a, b in zip(one, other, strict=True)]
        expected.append(1 - np.mean(channels))
    assert loss(torch.from_numpy(x), torch.from_numpy(y)).tolist() == pytest.approx(expected, abs=1e-9)


def test_windows_may_differ_between_axes():
    x, y = np.random.default_rng(0).uniform(size=(2, 7, 6))
    loss = SSIMLoss(2, win_size=[5, 3], kernel_sigma=[1.5, 0.8])
    expected = 1 - brute_force(x, y, [weights_of("gaussian", 5, 1.5), weights_of("gaussian", 3, 0.8)])
    found = loss(torch.from_numpy(x)[None, None], torch.from_numpy(y)[None, None])
    assert found.item() == pytest.approx(expected, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_it_is_symmetric_lies_between_0_and_2_and_is_0_for_an_image_itself(seed):
    x, y = (torch.rand(2, 1, 12, 13, generator=torch.Generator().manual_seed(seed + step)) for step in (0, 1))
    loss = SSIMLoss(2, win_size=7)
    assert 0 <= loss(x, y).item() <= 2
    assert loss(x, y).item() == pytest.approx(loss(y, x).item(), abs=1e-6)
    assert loss(x, x).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"spatial_dims": 4}, "spatial_dims must be 1, 2 or 3, got 4"),
        ({"kernel_type": "round"}, "kernel_type must be gaussian or uniform, got 'round'"),
        ({"data_range": 0}, "data_range must be positive and finite, got 0"),
        ({"win_size": [3, 3, 3]}, r"win_size must have one for each of 2 axes, got \[3, 3, 3\]"),
        ({"kernel_sigma": 0}, "kernel_sigma must be positive and finite, got 0"),
    ],
)
def test_wrong_arguments_are_told(options, message):
    with pytest.raises(ValueError, match=message):
        SSIMLoss(**{"spatial_dims": 2, **options})


def test_an_image_smaller_than_a_window_is_told():
    with pytest.raises(ValueError, match=r"as large as a window, \(11, 11\), got \(11, 9\)"):
        SSIMLoss(2)(torch.zeros(1, 1, 11, 9), torch.zeros(1, 1, 11, 9))
