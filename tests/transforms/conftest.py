from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from bundlert.images.grid import Grid
from bundlert.images.image import Image


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with small real images."""
    folder = os.environ.get("BUNDLERT_TEST_DATA")
    if not folder:
        pytest.skip("BUNDLERT_TEST_DATA names no folder")
    return Path(folder)


@pytest.fixture
def make_image():
    """Make an image of one channel: of random voxels, or of given ones."""

    def make(shape=(6, 7, 8), voxels=None, spacing=(1.0, 1.0, 1.0), axcodes="RAS", file=None) -> Image:
        if voxels is None:
            voxels = torch.from_numpy(np.random.default_rng(0).normal(size=shape).astype(np.float32))
        grid = Grid(tuple(voxels.shape), np.diag([*spacing, 1.0]))
        if axcodes == "RAS":
            return Image(voxels[None], grid, file)
        return Image(voxels[None], Grid(grid.shape, grid.affine @ grid.reoriented(axcodes).affine), file)

    return make
