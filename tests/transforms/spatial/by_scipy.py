"""Moved images a second way: matrices of indices made by hand, looked up by scipy."""

from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.lazy import realize

OBLIQUE = np.array([[0.05, -1.1, 0.2, 10], [-0.8, 0.05, -0.3, 20], [0.1, 0.2, -3, 5], [0, 0, 0, 1.0]])
OBLIQUE_2D = np.array([[0.3, -1.2, 4], [0.9, 0.4, -7], [0, 0, 1.0]])
SHAPES = [(17, 14), (13, 12, 11)]
IN_SCIPY = {"border": "nearest", "zeros": "nearest", "reflection": "reflect"}


def smooth(shape=(13, 12, 11), seed=0) -> Image:
    """A smooth image of chance on an oblique grid."""
    noise = np.random.default_rng(seed).normal(size=shape)
    voxels = torch.from_numpy(ndimage.gaussian_filter(noise, 1.5).astype(np.float32) * 10)
    return Image(voxels[None], Grid(shape, OBLIQUE if len(shape) == 3 else OBLIQUE_2D))


def blocks(shape=(13, 12, 11), seed=0) -> Image:
    """A label map of chance with four classes, on the grid of `smooth`."""
    coarse = np.random.default_rng(seed).integers(0, 4, [-(-size // 3) for size in shape])
    for axis in range(len(shape)):
        coarse = coarse.repeat(3, axis=axis)
    voxels = coarse[tuple(slice(size) for size in shape)].astype(np.uint8)
    return Image(torch.from_numpy(voxels)[None], Grid(shape, OBLIQUE if len(shape) == 3 else OBLIQUE_2D))


def shift(by) -> np.ndarray:
    matrix = np.eye(len(by) + 1)
    matrix[:-1, -1] = by
    return matrix


def about_middle(matrix, shape, new_shape=None) -> np.ndarray:
    """From an index of the new image to one of the old: a map of indices counted from the middles of both."""
    whole = np.eye(len(shape) + 1)
    whole[: len(matrix), : len(matrix)] = matrix
    middle, new_middle = ((np.array(one) - 1) / 2 for one in (shape, new_shape or shape))
    return shift(middle) @ whole @ shift(-new_middle)


def places(matrix, shape) -> np.ndarray:
    """Where each output index lies in the input, [n, *shape]."""
    indices = np.indices(shape, dtype=float).reshape(len(shape), -1)
    return (matrix[:-1, :-1] @ indices + matrix[:-1, -1:]).reshape(len(shape), *shape)


def looked_up(image, at, mode="bilinear", padding="border") -> np.ndarray:
    """The voxels [C, *shape] of a realized image at places [n, *shape]."""
    order = {"bilinear": 1, "nearest": 0}[mode]
    rule = IN_SCIPY.get(padding, "nearest")
    channels = [
        ndimage.map_coordinates(one.double().numpy(), at, order=order, mode=rule, prefilter=False) for one in image.data
    ]
    if padding == "zeros" or not isinstance(padding, str):
        sizes = np.array(image.data.shape[1:]).reshape(-1, *[1] * (at.ndim - 1))
        outside = ((at < -0.5) | (at > sizes - 0.5)).any(axis=0)
        channels = [np.where(outside, 0 if padding == "zeros" else padding, one) for one in channels]
    return np.stack(channels)


def check(result, image, matrix, shape, *, mode="bilinear", padding="border") -> None:
    """Whether a step did what a matrix from its indices to those of a realized image says."""
    whole = realize(result)
    assert whole.data.shape == (image.data.shape[0], *shape)
    np.testing.assert_allclose(whole.grid.affine, image.grid.affine @ matrix, atol=1e-9)
    expected = looked_up(image, places(matrix, shape), mode, padding)
    if mode == "nearest":
        assert whole.data.dtype == image.data.dtype
        np.testing.assert_array_equal(whole.data, expected)
    else:
        np.testing.assert_allclose(whole.data, expected, atol=2e-4)
