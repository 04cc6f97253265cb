import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bundlert.ops.peaks import peaks


def one_by_one(chances, threshold, box):
    """The definition: take the highest, empty its box, and again."""
    left, found = np.nan_to_num(chances.astype(float), nan=-np.inf), []
    while left.max() > threshold:
        place = np.unravel_index(left.argmax(), left.shape)
        found.append(tuple(map(int, place)))
        starts = [index - size // 2 for index, size in zip(place, box, strict=True)]
        left[tuple(slice(max(at, 0), at + size) for at, size in zip(starts, box, strict=True))] = -np.inf
    return found


@given(
    arrays(np.float32, (7, 9), elements=st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, np.nan])),
    st.tuples(st.integers(1, 6), st.integers(1, 6)),
    st.sampled_from([0.0, 0.3, 0.75]),
)
@settings(max_examples=200, deadline=None)
def test_they_are_found_one_by_one(chances, box, threshold):
    assert [tuple(map(int, place)) for place in peaks(chances, threshold, box)] == one_by_one(chances, threshold, box)


@pytest.mark.parametrize("shape", [(20_000,), (21, 22, 23)])
def test_in_any_number_of_axes_and_of_candidates(shape):
    chances = np.random.default_rng(0).random(shape)
    box = (5,) * len(shape)
    found = [tuple(map(int, place)) for place in peaks(chances, 0.5, box)]
    assert found == one_by_one(chances, 0.5, box)
