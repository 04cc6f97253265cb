import io
import os
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from bundlert.reports.gallery_examples import examples
from bundlert.reports.gallery_pictures import MOST_BYTES, panels_of, strip, write_strip
from bundlert.reports.gallery_samples import LINE, NO_LINE, imaged, samples_of

SHAPE = (24, 16)


@pytest.fixture
def samples():
    ramp = np.add.outer(np.arange(24.0), np.arange(16.0)).astype(np.float32)
    label = np.zeros(SHAPE, dtype=np.uint8)
    label[2:8, 3:6] = 1
    lines = np.full(SHAPE, NO_LINE, dtype=np.float32)
    lines[5] = LINE
    return {
        "ct_lines": {"image": imaged(np.stack([ramp, lines]), 2.0), "label": imaged(label, 2.0)},
        "mr": {"image": imaged(ramp, 1.0)},
        "ct": {"image": imaged(ramp, 1.0), "label": imaged(label, 1.0)},
        "chances": {"pred": imaged(label.astype(np.float32), 1.0)},
        "scores": {"pred": imaged(np.stack([ramp, -ramp]), 1.0), "other": imaged(np.stack([ramp, ramp]), 1.0)},
    }


def test_image_label_and_lines_move_together(samples):
    before, after = panels_of(examples()["Flip"], samples)
    assert (before.title, after.title) == ("before", "after")
    for part in ("grey", "over", "lines"):
        np.testing.assert_array_equal(getattr(after, part), getattr(before, part)[::-1])
    assert before.lines[5].min() == 1
    assert before.lines[6].max() == 0


def test_chance_is_shown_by_two_seeds_and_several_crops_by_one(samples):
    titles = [one.title for one in panels_of(examples()["RandRotate"], samples)]
    assert titles == ["before", "after, seed 0", "after, seed 8"]
    titles = [one.title for one in panels_of(examples()["RandSpatialCropSamples"], samples)]
    assert titles == ["before", "after, 1 of 3", "after, 2 of 3", "after, 3 of 3"]


def test_a_label_that_isnt_changed_hides_nothing(samples):
    assert [one.over for one in panels_of(examples()["MaskIntensity"], samples)] == [None, None]


def test_the_result_may_have_a_window_of_its_own(samples):
    before, after = panels_of(examples()["NormalizeIntensity"], samples)
    assert (before.window, after.window) == ((0, 255), (-2, 2))


def test_entries_of_several_channels_and_several_entries_are_named(samples):
    titles = [one.title for one in panels_of(examples()["MeanEnsemble"], samples)]
    assert titles == ["before: pred, channel 1", "before: other, channel 1", "after: mean, channel 1"]


def test_peaks_are_points_over_their_map(samples):
    _, after = panels_of(examples()["ProbNMS"], samples)
    assert after.points.shape[1] == 2
    assert after.over.shape == SHAPE


def test_a_picture_shows_the_second_axis_upwards(samples):
    before, _ = panels_of(examples()["AdjustContrast"], samples)
    bright = np.zeros(SHAPE)
    bright[:12, 8:] = 255  # left half of the first axis, upper half of the second
    figure = strip([before._replace(grey=bright)], histograms=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    buffer.seek(0)
    pixels = matplotlib.image.imread(buffer)[..., :3].mean(axis=2)
    height, width = pixels.shape
    quarters = [pixels[int(height * y), int(width * x)] for y in (0.35, 0.65) for x in (0.3, 0.7)]
    assert quarters == [1, 0, 0, 0]


@pytest.mark.parametrize("histograms", [False, True])
def test_a_picture_stays_small_whatever_it_shows(samples, histograms, tmp_path):
    noise = np.random.default_rng(0).uniform(0, 255, size=(192, 128))
    panels = [one._replace(grey=noise) for one in panels_of(examples()["AdjustContrast"], samples)]
    write_strip(strip(panels, histograms=histograms), tmp_path / "a.webp")
    assert 1000 < (tmp_path / "a.webp").stat().st_size <= 2 * MOST_BYTES
    assert (tmp_path / "a.webp").read_bytes()[8:12] == b"WEBP"


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, one in examples().items() if one.sample])
def test_every_example_changes_what_is_seen(name):
    folder = os.environ.get("BUNDLERT_TEST_DATA")
    if not folder:
        pytest.skip("BUNDLERT_TEST_DATA names no folder")
    example = examples()[name]
    panels = panels_of(example, samples_of(Path(folder)))
    shown, known = (
        [one for one in (panel.grey, panel.over, panel.points) if one is not None] for panel in (panels[-1], panels[0])
    )
    assert len(shown) != len(known) or not all(map(np.array_equal, shown, known))
    assert all(np.isfinite(one).all() for one in shown)
