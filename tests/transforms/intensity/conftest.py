from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.images.grid import Grid
from bundlert.images.image import Image


def laid_out(data):
    """The same voxels as readers and crops give them: the first axis fastest, and as a part of something larger."""
    data = torch.as_tensor(data)
    turned = data.movedim(0, -1).transpose(0, -2).contiguous().transpose(0, -2).movedim(-1, 0)
    larger = torch.nn.functional.pad(data, [1, 2] * (data.ndim - 1))
    return [turned, larger[(slice(None), *(slice(1, -2) for _ in data.shape[1:]))]]


def same(one, other):
    finite = other[torch.isfinite(other)]
    scale = float(finite.abs().max()) if len(finite) else 0.0
    torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5 * scale, equal_nan=True)


@pytest.fixture(scope="session")
def picture():
    """Make an image of voxels [C, *S]."""

    def make(data) -> Image:
        data = torch.as_tensor(data)
        return Image(data, Grid(tuple(data.shape[1:]), np.eye(data.ndim)))

    return make


@pytest.fixture(scope="session")
def changed(picture):
    """The voxels that a transform without chance makes; the ones given stay as they are."""

    def run(transform, data, **others):
        image = picture(data)
        before = image.data.clone()
        sample = {"image": image, **{key: picture(other) for key, other in others.items()}}
        result = transform(sample)["image"].data
        for other in laid_out(data):
            again = transform({**sample, "image": picture(other)})["image"].data
            same(again, result)
        assert torch.equal(image.data.nan_to_num(7.0), before.nan_to_num(7.0))
        assert result.dtype == torch.float32
        return result.numpy()

    return run


@pytest.fixture(scope="session")
def drawn(picture):
    """The voxels that a random transform makes from given parameters, and again from those that it draws."""

    def run(transform, data, params=None, seed=0):
        sample = {"image": picture(data)}
        before = sample["image"].data.clone()
        if params is None:
            params = transform.draw(sample, np.random.default_rng(seed))
        result = transform.apply(sample, params)["image"].data
        assert torch.equal(sample["image"].data.nan_to_num(7.0), before.nan_to_num(7.0))
        assert torch.equal(result.nan_to_num(7.0), transform.apply(sample, params)["image"].data.nan_to_num(7.0))
        for other in laid_out(data):
            again = transform.apply({"image": picture(other)}, params)["image"].data
            same(again, result)
        return result.numpy()

    return run
