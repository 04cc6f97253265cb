import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.metrics.ssim import SSIM


def window_by_window(one, other, weights, data_range, *, k1=0.01, k2=0.03):
    """The formula of Wang et al. at each place where the window lies within the image."""
    steady, steady_2 = (k1 * data_range) ** 2, (k2 * data_range) ** 2
    values = []
    for channel in range(len(one)):
        places = [range(size - wide + 1) for size, wide in zip(one.shape[1:], weights.shape, strict=True)]
        for place in itertools.product(*places):
            box = (channel, *(slice(p, p + wide) for p, wide in zip(place, weights.shape, strict=True)))
            x, y = one[box], other[box]
            mx, my = (weights * x).sum(), (weights * y).sum()
            sx, sy = (weights * (x - mx) ** 2).sum(), (weights * (y - my) ** 2).sum()
            sxy = (weights * (x - mx) * (y - my)).sum()
            above = (2 * mx * my + steady) * (2 * sxy + steady_2)
            values.append(above / ((mx**2 + my**2 + steady) * (sx + sy + steady_2)))
    return sum(values) / len(values)


def weights_of(kernel_type, sizes, sigmas):
    whole = np.ones(())
    for size, sigma in zip(sizes, sigmas, strict=True):
        off = np.arange(size) - (size - 1) / 2
        line = np.exp(-(off**2) / (2 * sigma**2)) if kernel_type == "gaussian" else np.ones(size)
        whole = np.multiply.outer(whole, line / line.sum())
    return whole


def pair(shape, seed, data_range=1.0):
    rng = np.random.default_rng(seed)
    one = rng.random(shape)
    return one * data_range, (0.7 * one + 0.3 * rng.random(shape)) * data_range


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([(2, 9), (1, 6, 7), (3, 5, 5), (2, 4, 6, 5)]),
    st.sampled_from(["gaussian", "uniform"]),
    st.integers(1, 4),
    st.integers(0, 99),
    st.sampled_from([1.0, 4000.0]),
)
def test_the_value_is_the_one_of_all_windows(shape, kernel_type, size, seed, data_range):
    one, other = pair(shape, seed, data_range)
    axes = len(shape) - 1
    weights = weights_of(kernel_type, [size] * axes, [1.5] * axes)
    expected = window_by_window(one, other, weights, data_range)
    metric = SSIM(axes, data_range, kernel_type=kernel_type, win_size=size)
    assert metric.update(torch.from_numpy(one), torch.from_numpy(other)) == pytest.approx(expected, abs=1e-9)


def test_each_axis_may_have_a_window_of_its_own():
    one, other = pair((1, 8, 9), 5)
    metric = SSIM(win_size=(3, 6), kernel_sigma=(0.5, 2.0), k1=0.02, k2=0.05)
    expected = window_by_window(one, other, weights_of("gaussian", (3, 6), (0.5, 2.0)), 1.0, k1=0.02, k2=0.05)
    assert metric.update(torch.from_numpy(one), torch.from_numpy(other)) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), st.sampled_from([(1, 12, 13), (1, 11, 11, 11)]))
def test_it_is_symmetric_one_for_equal_images_and_free_of_units(seed, shape):
    one, other = (torch.from_numpy(image) for image in pair(shape, seed))
    value = SSIM().update(one, other)
    assert SSIM().update(other, one) == pytest.approx(value)
    assert SSIM().update(one, one) == pytest.approx(1, abs=1e-12)
    assert SSIM(data_range=255.0).update(one * 255, other * 255) == pytest.approx(value)
    assert -1 <= value < 1


def test_flat_images_differ_by_their_means_alone():
    black, white = torch.zeros(1, 11, 11), torch.ones(1, 11, 11)
    assert SSIM().update(white, black) == pytest.approx(1e-4 / (1 + 1e-4))
    assert SSIM().update(white / 2, white) == pytest.approx((1 + 1e-4) / (1.25 + 1e-4))


def test_variances_of_large_numbers_are_exact():
    one, other = pair((1, 12, 12), 1)
    weights = weights_of("gaussian", (11, 11), (1.5, 1.5))
    expected = window_by_window(one + 1e4, other + 1e4, weights, 1.0)
    assert SSIM().update(torch.from_numpy(one + 1e4), torch.from_numpy(other + 1e4)) == pytest.approx(
        expected, abs=1e-6
    )


def test_mistakes_are_told():
    image = torch.zeros(1, 12, 12)
    with pytest.raises(ValueError, match=r"images must be as large as a window, \(13, 13\), got \(12, 12\)"):
        SSIM(win_size=13).update(image, image)
    with pytest.raises(ValueError, match=r"images must have 3 spatial axes behind the channel, got \(1, 12, 12\)"):
        SSIM(3).update(image, image)
    with pytest.raises(ValueError, match=r"images must have 1 to 3 spatial axes behind the channel, got \(1,\)"):
        SSIM().update(torch.zeros(1), torch.zeros(1))
    with pytest.raises(ValueError, match=r"win_size must have one for each of 2 axes, got \[3, 3, 3\]"):
        SSIM(win_size=(3, 3, 3)).update(image, image)
    with pytest.raises(ValueError, match=r"got \(1, 12, 12\) and \(1, 12, 11\)"):
        SSIM().update(image, image[..., 1:])
    with pytest.raises(ValueError, match="kernel_type must be gaussian or uniform, got 'box'"):
        SSIM(kernel_type="box")
    for options in ({"data_range": 0}, {"win_size": 0}, {"kernel_sigma": (1.0, -1.0)}, {"data_range": math.nan}):
        with pytest.raises(ValueError, match=f"{next(iter(options))} must be positive and finite, got "):
            SSIM(**options)
