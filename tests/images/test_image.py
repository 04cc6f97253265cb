from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bundlert.images.grid import Grid
from bundlert.images.image import Image, Wanted

GRID = Grid((2, 3, 4), np.diag([1.0, 2, 3, 1]))


def test_the_original_grid_is_the_own_grid_unless_given():
    assert Image(torch.zeros(1, 2, 3, 4), GRID).original is GRID
    other = GRID.flipped([0])
    assert Image(torch.zeros(1, 2, 3, 4), GRID, original=other).original is other


def test_shape_and_affine_speak_of_the_wanted_grid():
    image = Image(torch.zeros(1, 2, 3, 4), GRID)
    assert image.shape == (2, 3, 4)
    wished = replace(image, wanted=Wanted(GRID.cropped((1, 1, 1), (1, 1, 2))))
    assert wished.shape == (1, 1, 2)
    np.testing.assert_array_equal(wished.affine[:3, 3], [1, 2, 3])
    assert wished.original is GRID


def test_with_data_takes_other_channels_on_the_same_grid():
    image = Image(torch.zeros(1, 2, 3, 4), GRID, Path("a.nii"))
    other = image.with_data(torch.ones(5, 2, 3, 4))
    assert other.data.shape == (5, 2, 3, 4)
    assert other.file == Path("a.nii")
    assert image.data.sum() == 0


def test_data_off_the_grid_is_refused():
    with pytest.raises(ValueError, match=r"data must be \[C, 2 x 3 x 4\] as its grid, got \(2, 3, 4\)"):
        Image(torch.zeros(2, 3, 4), GRID)


def test_images_call_themselves_by_file_or_shape():
    assert Image(torch.zeros(1, 2, 3, 4), GRID, Path("a.nii")).name == "'a.nii'"
    assert Image(torch.zeros(1, 2, 3, 4), GRID).name == "an image of 2 x 3 x 4"
