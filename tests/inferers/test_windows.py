import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bundlert.inferers.windows import importance, layout_of, padded_image, per_axis, weight_sums, window_starts


def test_windows_are_those_of_the_published_table():
    starts = window_starts((100, 96, 50), (48, 48, 48), 0.25)
    assert starts == ((0, 36, 52), (0, 36, 48), (0, 2))
    assert len(list(itertools.product(*starts))) == 18


@pytest.mark.parametrize("size", range(1, 40))
@pytest.mark.parametrize("overlap", [0, 0.25, 0.5, 0.9])
def test_windows_cover_every_voxel_and_stay_inside(size, overlap):
    roi = min(size, 7)
    (starts,) = window_starts((size,), (roi,), overlap)
    assert set(range(size)) == {start + step for start in starts for step in range(roi)}
    assert max(starts) + roi == size
    assert len(set(starts)) == len(starts)


def test_each_axis_may_have_its_own_overlap():
    assert window_starts((12, 12), (4, 4), (0.5, 0)) == ((0, 2, 4, 6, 8), (0, 4, 8))


@given(st.integers(1, 40), st.integers(1, 20), st.floats(0, 0.95), st.integers(1, 8))
def test_windows_of_a_layout_begin_at_multiples_and_cover_the_padded_image(size, roi, overlap, multiple):
    roi = -(-roi // multiple) * multiple
    layout = layout_of((size,), (roi,), (overlap,), (multiple,))
    (starts,), (padded,), (before,) = layout.starts, layout.padded, layout.before
    assert all(start % multiple == 0 for start in (*starts, before))
    assert set(range(padded)) == {start + step for start in starts for step in range(roi)}
    assert before + size <= padded < max(size, roi) + multiple


def test_padding_goes_to_both_sides_and_is_of_the_mode_that_was_asked_for():
    layout = layout_of((3, 4), (6, 4), (0.0, 0.0), (1, 1))
    image = torch.arange(12.0).view(1, 1, 3, 4)
    assert padded_image(image, layout, "constant", -5)[0, 0, :, 0].tolist() == [-5, 0, 4, 8, -5, -5]
    assert padded_image(image, layout, "reflect", 0)[0, 0, :, 0].tolist() == [4, 0, 4, 8, 4, 0]
    assert padded_image(image, layout, "replicate", 0)[0, 0, :, 0].tolist() == [0, 0, 4, 8, 8, 8]
    assert padded_image(image, layout, "circular", 0)[0, 0, :, 0].tolist() == [8, 0, 4, 8, 0, 4]


def test_an_image_that_needs_no_padding_is_not_copied():
    image = torch.zeros(1, 1, 8)
    assert padded_image(image, layout_of((8,), (4,), (0.0,), (1,)), "constant", 0) is image


def test_the_gaussian_is_the_one_of_its_formula():
    weight = importance((5, 4), "gaussian", 0.25)
    for i, j in itertools.product(range(5), range(4)):
        expected = torch.tensor(-0.5 * (((i - 2) / 1.25) ** 2 + ((j - 1.5) / 1.0) ** 2)).exp().clamp(min=1e-3)
        assert weight[i, j].item() == pytest.approx(expected.item(), rel=1e-5)


def test_each_axis_may_have_its_own_sigma():
    weight = importance((5, 5), "gaussian", (0.1, 10.0))
    assert weight[2].min() > 0.99
    assert weight[:, 2].min() < 0.05


def test_weights_made_while_predicting_serve_while_training():
    importance.cache_clear()
    with torch.inference_mode():
        weight = importance((4, 4), "gaussian", 0.125)
    assert not weight.is_inference()


@given(st.lists(st.integers(3, 9), min_size=1, max_size=3), st.floats(0, 0.8), st.data())
def test_sums_of_weights_are_those_of_all_windows_added_one_by_one(size, overlap, data):
    roi = tuple(data.draw(st.integers(1, length)) for length in size)
    starts = window_starts(tuple(size), roi, overlap)
    weight = importance(roi, "gaussian", 0.2)
    expected = torch.zeros(size)
    for corner in itertools.product(*starts):
        expected[tuple(slice(begin, begin + width) for begin, width in zip(corner, roi, strict=True))] += weight
    first = data.draw(st.integers(0, size[0] - 1))
    last = data.draw(st.integers(first + 1, size[0]))
    found = weight_sums(weight, starts, tuple(size), first, last)
    torch.testing.assert_close(found, expected[first:last], rtol=1e-5, atol=1e-6)


def test_one_value_stands_for_all_axes():
    assert per_axis(3, 2, "roi_size") == (3, 3)
    assert per_axis([3, 4], 2, "roi_size") == (3, 4)
    with pytest.raises(ValueError, match=r"overlap must have 3 values, got \(0.1, 0.2\)"):
        per_axis([0.1, 0.2], 3, "overlap")
