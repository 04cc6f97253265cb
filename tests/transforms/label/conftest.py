from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.images.grid import Grid
from bundlert.images.image import Image


def laid_out(data):
    """The same voxels as readers and crops give them: the first axis fastest, and as a part of something larger."""
    turned = data.movedim(0, -1).transpose(0, -2).contiguous().transpose(0, -2).movedim(-1, 0)
    larger = torch.nn.functional.pad(data, [1, 2] * (data.ndim - 1), value=1)
    return [turned, larger[(slice(None), *(slice(1, -2) for _ in data.shape[1:]))]]


@pytest.fixture(scope="session")
def picture():
    """Make an image of voxels [C, *S]."""

    def make(data, spacing=None) -> Image:
        data = torch.as_tensor(data)
        return Image(data, Grid(tuple(data.shape[1:]), np.diag([*(spacing or [1] * (data.ndim - 1)), 1])))

    return make


@pytest.fixture(scope="session")
def relabelled(picture):
    """What a transform makes of labels, as an array; the ones given stay as they are, and so does their dtype."""

    def run(transform, data, **more):
        image = picture(data, **more)
        before = image.data.clone()
        result = transform({"label": image})["label"].data
        assert torch.equal(image.data, before)
        assert result.dtype == before.dtype
        for other in laid_out(before):
            assert torch.equal(transform({"label": picture(other, **more)})["label"].data, result)
        return result.numpy()

    return run


@pytest.fixture(scope="session")
def blobs():
    """Labels 0..classes - 1 in blobs and specks [1, *S]."""

    def make(shape, classes=3, seed=0, dtype=np.uint8):
        rng = np.random.default_rng(seed)
        coarse = rng.integers(0, 2 * classes, size=[-(-size // 3) for size in shape])
        fine = coarse[np.ix_(*(np.arange(size) // 3 for size in shape))]
        noise = rng.random(shape)
        labels = np.where(noise < 0.15, rng.integers(0, classes, size=shape), np.where(fine < classes, fine, 0))
        return labels.astype(dtype)[None]

    return make
