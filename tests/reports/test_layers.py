from itertools import pairwise

from bundlert.reports.layers import lay_out

NEEDS = [("d", "b"), ("d", "c"), ("b", "a"), ("c", "a"), ("d", "a")]


def placed(names, needs):
    return lay_out(list(names), needs, dict.fromkeys(names, 10.0), 5.0)


def test_each_box_stands_right_of_all_that_it_needs():
    layout = placed("abcd", NEEDS)
    assert [[spot for spot in column if isinstance(spot, str)] for column in layout.columns] == [
        ["a"],
        ["b", "c"],
        ["d"],
    ]


def test_a_long_line_passes_each_column_between():
    layout = placed("abcd", NEEDS)
    assert ["a", ("a", "d", 1), "d"] in layout.lines


def test_boxes_of_a_column_do_not_overlap():
    names = [f"n{number}" for number in range(20)]
    layout = placed([*names, "run"], [("run", name) for name in names])
    heights = sorted(layout.middle[name] for name in names)
    assert all(other - one >= 15 - 1e-6 for one, other in pairwise(heights))
    assert abs(layout.middle["run"] - sum(heights) / 20) < 1e-6


def test_lines_are_untangled():
    layout = placed(["a", "b", "x", "y"], [("x", "b"), ("y", "a")])
    left, right = layout.columns
    partner = {"a": "y", "b": "x"}
    assert [partner[name] for name in left] == right


def test_a_circle_is_drawn_without_the_line_that_closes_it():
    layout = placed("ab", [("a", "b"), ("b", "a")])
    assert layout.lines == [["b", "a"]]


def test_nothing_is_laid_out_as_nothing():
    assert placed("", []).columns == [] or placed("", []).columns == [[]]
