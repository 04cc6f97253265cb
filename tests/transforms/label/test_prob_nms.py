from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from bundlert.ops import peaks as by_peaks
from bundlert.transforms.label.prob_nms import ProbNMS


def plain(chances, threshold, box):
    """Take the greatest value, clear its box, begin again."""
    chances, found = chances.copy(), []
    while chances.max() > threshold:
        place = np.unravel_index(chances.argmax(), chances.shape)
        found.append([float(chances[place]), *map(int, place)])
        chances[
            tuple(slice(max(at - size // 2, 0), at - size // 2 + size) for at, size in zip(place, box, strict=True))
        ] = 0
    return found


def peaks(picture, chances, **arguments):
    sample = {"map": picture(torch.from_numpy(chances)[None])}
    result = ProbNMS("map", chances.ndim, output_key="peaks", **arguments)(sample)
    assert result["map"] is sample["map"]
    return result["peaks"]


@pytest.mark.parametrize(("shape", "box"), [((40, 51), (7, 7)), ((40, 51), (4, 9)), ((15, 12, 14), (5, 5, 5))])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_peaks_are_found_as_one_by_one(picture, shape, box, dtype):
    chances = np.random.default_rng(0).random(shape).astype(dtype)
    box_size = box[0] if len(set(box)) == 1 else list(box)
    assert peaks(picture, chances, box_size=box_size) == plain(chances, 0.5, box)


@given(arrays.arrays(np.float32, (5, 6), elements=st.sampled_from([0, 0.25, 0.5, 0.75, 1])), st.integers(1, 7))
def test_many_equal_values(picture, chances, box):
    assert peaks(picture, chances, box_size=box, prob_threshold=0.25) == plain(chances, 0.25, (box, box))


def test_candidates_may_be_more_than_are_looked_at_at_once(picture, monkeypatch):
    monkeypatch.setattr(by_peaks, "_AT_ONCE", 7)
    chances = np.random.default_rng(0).random((20, 20))
    assert peaks(picture, chances, box_size=3) == plain(chances, 0.5, (3, 3))


def test_a_map_can_be_blurred_before(picture):
    chances = np.zeros((30, 30), np.float32)
    chances[5, 6] = chances[20, 22] = 1
    chances[20, 21] = 0.9
    blurred = ndimage.gaussian_filter(chances, 1.0, mode="constant")
    found = peaks(picture, chances, sigma=1.0, prob_threshold=0.1, box_size=9)
    assert [one[1:] for one in found] == [one[1:] for one in plain(blurred, 0.1, (9, 9))]


def test_nothing_above_the_threshold_is_no_peak(picture):
    assert peaks(picture, np.full((5, 5), 0.5)) == []
    assert peaks(picture, np.full((5, 5), np.nan)) == []


def test_the_list_takes_the_place_of_the_map(picture):
    sample = {"map": picture(torch.tensor([[[0, 1]]], dtype=torch.uint8)), "name": "a"}
    assert ProbNMS("map")(sample) == {"map": [[1.0, 0, 1]], "name": "a"}


def test_arguments_are_checked(picture):
    with pytest.raises(ValueError, match="box_size must be one number >= 1 or one for each of 2 axes, got 0"):
        ProbNMS("map", box_size=0)
    with pytest.raises(ValueError, match=r"box_size must be one number >= 1 or one for each of 2 axes, got \[3\]"):
        ProbNMS("map", box_size=[3])
    with pytest.raises(ValueError, match="sigma must be >= 0 voxels, got -1"):
        ProbNMS("map", sigma=-1)
    with pytest.raises(ValueError, match="output_key must be left out for several keys, got 'peaks'"):
        ProbNMS(["a", "b"], output_key="peaks")
    with pytest.raises(ValueError, match=r"keys must be maps \[1, \*S\] of 2 axes, got \(2, 3, 3\)"):
        ProbNMS("map")({"map": picture(torch.zeros(2, 3, 3))})
