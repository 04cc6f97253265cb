import math

import numpy as np
import pytest
import torch

from bundlert.metrics.froc import FROC, froc_curve, froc_score

RATES = (0.25, 0.5, 1, 2, 4, 8)
MICROMETRE = 0.001  # in mm


def slide(peaks, lesions):
    """A map of 101 x 800 with peaks, and a mask with lesions of 6 x 6, at row 50 and columns k * 800 // 7."""
    probabilities, mask = torch.zeros(1, 101, 800, dtype=torch.double), torch.zeros(1, 101, 800)
    for k, probability in peaks.items():
        probabilities[0, 50, k * 800 // 7] = probability
    for k in range(1, lesions + 1):
        column = k * 800 // 7
        mask[0, 47:53, column - 3 : column + 3] = 1
    return probabilities, mask


ONE, TWO, FIVE, SIX = ({k: probability} for k, probability in ((1, 0.8), (2, 0.8), (5, 0.6), (6, 0.4)))


@pytest.mark.parametrize(
    ("slides", "score"),
    [
        ([({}, 1)], 0),
        ([(ONE | FIVE, 1)], 1),
        ([(ONE | TWO | FIVE, 2)], 1),
        ([(ONE | FIVE | SIX, 2)], 0.5),
        ([(ONE | FIVE, 1), (ONE | FIVE | SIX, 2)], 2 / 3),
        ([(ONE | FIVE, 3), (ONE | FIVE | SIX, 2)], 0.4),
        ([(FIVE, 1), (ONE | FIVE, 3), (ONE | FIVE | SIX, 2)], 1 / 3),
        ([(FIVE | SIX, 4), (ONE | FIVE, 3), (ONE | FIVE | SIX, 2)], 2 / 9),
        ([(ONE | TWO | FIVE, 1)], 0.791667),  # published as 1 for want of precision: a tie of .8 in two float types
    ],
)
def test_the_reference_cases_of_the_challenge(slides, score):
    metric = FROC(grow_distance=2, itc_diameter=0)
    for peaks, lesions in slides:
        metric.update(*slide(peaks, lesions), spacing=MICROMETRE)
    assert metric.compute() == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_ties_stay_ties_in_any_type(kind):
    probabilities, mask = slide(ONE | TWO | FIVE, 1)
    metric = FROC(2, 0)
    assert metric.update(probabilities.to(kind), mask, spacing=MICROMETRE) == pytest.approx(0.791667, abs=1e-6)


def test_the_reference_lists():
    curve = froc_curve([0.8, 0.6], [1, 1, 0, 0, 0.8, 0.8, 0], targets=4, images=2)
    assert [one.tolist() for one in curve] == [[1, 0.5, 0, 0], [1, 1, 0.5, 0]]
    assert froc_score(*curve, RATES) == pytest.approx(0.958333, abs=1e-6)
    assert froc_score(*curve, [0.25]) == 0.75


def test_the_curve_counts_what_is_at_or_above_each_threshold():
    rng = np.random.default_rng(0)
    wrong, hits = rng.integers(0, 9, 30) / 10, rng.integers(0, 9, 12) / 10
    rates, sensitivities = froc_curve(wrong, hits, targets=10, images=4)
    thresholds = sorted({*wrong, *hits})[1:]
    assert rates.tolist() == [sum(wrong >= one) / 4 for one in thresholds] + [0]
    assert sensitivities.tolist() == [sum(hits >= one) / 10 for one in thresholds] + [0]
    assert froc_score(*froc_curve([], [], targets=1, images=1), RATES) == 0


def test_several_hits_of_a_lesion_count_once_by_the_highest():
    probabilities, mask = torch.zeros(1, 60, 60), torch.zeros(1, 60, 60)
    mask[0, 5:55, 5:55] = 1
    probabilities[0, 10, 10], probabilities[0, 50, 50], probabilities[0, 2, 55] = 0.7, 0.9, 0.8
    metric = FROC(2, 0, nms_box_size=4)
    assert metric.update(probabilities, mask, spacing=MICROMETRE) == 1
    assert metric.parts["case 1"].tolist() == [[0, pytest.approx(0.8)], [1, pytest.approx(0.9)]]
    assert [one.tolist() for one in metric.curve()] == [[0, 0], [1, 0]]


def test_isolated_tumour_cells_are_neither_lesions_nor_false_positives():
    probabilities, mask = slide(ONE | TWO | FIVE, 2)
    mask[0, 20:80, 90:140] = 1  # the first is large
    metric = FROC(grow_distance=2, itc_diameter=20)
    assert metric.update(probabilities, mask, spacing=MICROMETRE) == 1
    assert metric.parts["case 1"].tolist() == [[0, 0.6], [1, 0.8], [2, 0]]
    assert math.isnan(FROC(2, 2000).update(probabilities, mask, spacing=MICROMETRE))


def test_lengths_are_in_micrometres_whatever_the_level():
    for level in (0, 3):  # a lesion of 64 x 64 pixels of 2^level micrometres
        probabilities, mask = torch.zeros(1, 100, 100), torch.zeros(1, 100, 100)
        mask[0, 20:84, 20:84] = 1
        axis = 4 * math.sqrt(64**2 / 12) * 2**level
        for diameter, found in ((axis - 1.1, 1), (axis + 0.1, 2)):
            metric = FROC(1, diameter)
            metric.update(probabilities, mask, spacing=MICROMETRE * 2**level)
            assert metric.parts["case 1"].tolist() == [[found, 0]]


def test_slides_without_a_lesion_bring_false_positives_only():
    metric = FROC(2, 0)
    assert metric.update(*slide(ONE | FIVE, 1), "tumour", spacing=MICROMETRE) == 1
    assert math.isnan(metric.update(*slide(ONE | TWO, 0), "normal", spacing=MICROMETRE))
    rates, sensitivities = metric.curve()
    assert (rates.tolist(), sensitivities.tolist()) == ([1, 0], [1, 0])
    assert metric.compute() == pytest.approx((0.25 + 0.5 + 4) / 6)
    assert list(metric.cases) == ["tumour", "normal"]


def test_without_any_lesion_there_is_no_value():
    metric = FROC()
    metric.update(*slide(ONE, 0), spacing=MICROMETRE)
    assert math.isnan(metric.compute())
    with pytest.raises(ValueError, match="the curve needs a lesion, got none in 1 slides"):
        metric.curve()


def test_mistakes_are_told():
    probabilities, mask = slide(ONE, 1)
    with pytest.raises(ValueError, match=r"must both be \[1, H, W\], got \(1, 101, 800\) and \(1, 101, 799\)"):
        FROC().update(probabilities, mask[..., 1:], spacing=MICROMETRE)
    with pytest.raises(ValueError, match=r"must both be \[1, H, W\], got \(1, 2, 2, 2\) and \(1, 2, 2, 2\)"):
        FROC().update(torch.zeros(1, 2, 2, 2), torch.zeros(1, 2, 2, 2), spacing=1)
    with pytest.raises(ValueError, match=r"FROC needs the spacing of a pixel, in mm, got none for .* \(1, 101, 800\)"):
        FROC().update(probabilities, mask)
    with pytest.raises(ValueError, match="probabilities must be numbers, got 2 that are NaN"):
        FROC().update(torch.tensor([[[0, math.nan, math.nan]]]), torch.zeros(1, 1, 3), spacing=1)
    with pytest.raises(ValueError, match="grow_distance must be at least 0, got -1"):
        FROC(-1)
    with pytest.raises(ValueError, match="nms_prob_threshold must be at least 0, got nan"):
        FROC(nms_prob_threshold=math.nan)
    with pytest.raises(ValueError, match="eval_thresholds must be at least 0, got -2"):
        FROC(eval_thresholds=[1, -2])
    with pytest.raises(ValueError, match="nms_box_size must be at least 1, got 0"):
        FROC(nms_box_size=0)
