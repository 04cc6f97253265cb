from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from bundlert.transforms.label.contour import LabelToContour


@pytest.mark.parametrize("shape", [(15,), (15, 14), (9, 8, 10)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_the_contour_of_a_mask_is_where_the_laplace_filter_is_above_0(relabelled, blobs, shape, dtype):
    mask = np.stack([blobs(shape, 2, seed=seed)[0] for seed in range(2)]).astype(dtype)
    kernel = np.full((3,) * len(shape), -1.0)
    kernel[(1,) * len(shape)] = 3 ** len(shape) - 1
    expected = [ndimage.correlate(part.astype(float), kernel, mode="constant") > 0 for part in mask]
    np.testing.assert_array_equal(relabelled(LabelToContour("label"), mask), expected)


def test_labels_keep_their_numbers_and_meet_at_two_contours(relabelled):
    labels = [[2, 2, 2, 5, 5, 5, 5, 0]]
    assert relabelled(LabelToContour("label"), labels).tolist() == [[2, 0, 2, 5, 0, 0, 5, 0]]


def test_a_full_image_has_its_border_as_contour(relabelled):
    result = relabelled(LabelToContour("label"), torch.ones(1, 4, 5, dtype=torch.int16))
    assert result.sum() == 14
    assert not relabelled(LabelToContour("label"), torch.zeros(1, 4, 5)).any()


def test_other_kernels_are_refused():
    with pytest.raises(ValueError, match="kernel_type must be one of Laplace, got 'Sobel'"):
        LabelToContour("label", "Sobel")
