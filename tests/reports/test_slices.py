import base64
import io
import re

import numpy as np
import pytest
from matplotlib.image import imread
from reports.runs import write_slice

from bundlert.reports.slices import outline, read_slice


def box(rows, columns, shape=(20, 30)):
    mask = np.zeros(shape, dtype=np.uint8)
    mask[rows, columns] = 1
    return mask


def points(path):
    """The corners of each closed line of a path, (x, y)."""
    lines = re.findall(r"M([^MZ]+)Z", path)
    return [np.array([corner.split() for corner in line.split("L")], dtype=float) for line in lines]


def area(line):
    x, y = line.T
    return abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2


def test_an_outline_runs_around_the_pixels():
    (line,) = points(outline(box(slice(5, 10), slice(6, 12))))
    assert line.min(axis=0).tolist() == [6, 5]
    assert line.max(axis=0).tolist() == [12, 10]
    assert area(line) == pytest.approx(5 * 6 - 4 * 0.125)  # its corners are cut


def test_an_outline_is_closed_at_the_edge_of_the_picture():
    (line,) = points(outline(np.ones((4, 7), dtype=np.uint8)))
    assert (line.min(axis=0).tolist(), line.max(axis=0).tolist()) == ([0, 0], [7, 4])


def test_parts_and_holes_have_lines_of_their_own():
    ring = box(slice(2, 12), slice(2, 12)) - box(slice(5, 8), slice(5, 8))
    assert len(points(outline(ring + box(slice(14, 17), slice(20, 25))))) == 3


def test_nothing_has_no_outline():
    assert outline(np.zeros((4, 4))) == ""


def test_a_slice_keeps_pixels_and_proportions(tmp_path):
    write_slice(tmp_path / "a.npz", spacing=(3.0, 2.0))
    found = read_slice(tmp_path / "a.npz")
    assert (found.width, found.height, found.stretch) == (30, 20, 1.5)
    kind, data = found.picture.split(",")
    picture = imread(io.BytesIO(base64.b64decode(data)))
    assert kind == "data:image/png;base64"
    assert picture.shape[:2] == (20, 30)
    assert picture[7, 10, 0] == pytest.approx(200 / 255, abs=0.01)
    assert picture[0, 0, 0] == 0
    assert points(found.truth)[0][:, 0].max() == 12
    assert points(found.prediction)[0][:, 0].max() == 15
