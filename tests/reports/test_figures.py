import re

import pytest
from reports.runs import epoch, step, validation, write_log

from bundlert.reports.figures import loss_curve, metric_curve, rate_curve, speed_curve
from bundlert.reports.run_log import History, read_history

NAN, MINUS = float("nan"), "\N{MINUS SIGN}"


def history(tmp_path, *events):
    return read_history(write_log(tmp_path, *events))


def words(svg):
    """Everything that can be read in a chart."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def numbers(svg):
    return [float(word.replace(MINUS, "-")) for word in words(svg) if re.fullmatch(rf"[{MINUS}\d.]+", word)]


@pytest.fixture
def usual(tmp_path):
    steps = [step(number, 2 / number, epoch=number, samples_per_s=10.0 + number) for number in range(1, 5)]
    dice = [(0.2, 0.4), (0.6, 0.9), (0.5, 0.7)]
    validations = [validation(number, sum(two) / 2, {"a": two[0], "b": two[1]}) for number, two in enumerate(dice, 1)]
    return history(tmp_path, *steps, *(epoch(number, 2 / number) for number in range(1, 5)), *validations)


@pytest.mark.parametrize(
    ("draw", "labels"),
    [
        (loss_curve, ["step", "loss", "each step", "mean of an epoch", "best validation"]),
        (metric_curve, ["epoch", "Dice", "each case", "mean", "best: 0.750 in epoch 2"]),
        (rate_curve, ["step", "learning rate"]),
        (speed_curve, ["step", "samples per second"]),
    ],
)
def test_axes_and_lines_are_named(draw, labels, usual):
    assert [word for word in words(draw(usual)) if not re.match(r"\d", word)] == labels


def test_a_chart_is_the_same_for_the_same_run(usual):
    assert loss_curve(usual) == loss_curve(usual)


def test_charts_fetch_nothing(usual):
    for draw in (loss_curve, metric_curve, rate_curve, speed_curve):
        addresses = re.findall(r'(?:href|src)="([^"]*)"', draw(usual))
        assert all(address.startswith("#") for address in addresses)


@pytest.mark.parametrize("draw", [loss_curve, metric_curve, rate_curve, speed_curve])
def test_without_data_there_is_no_chart(draw):
    assert draw(History()) is None


def test_epochs_and_steps_are_whole_numbers_from_0(tmp_path):
    assert set(numbers(metric_curve(history(tmp_path, validation(1, 0.5))))) >= {0, 1}
    ticks = numbers(rate_curve(history(tmp_path, step(1), step(2), step(3))))
    assert {0, 1, 2, 3} <= set(ticks)
    assert {0.5, 1.5, 2.5}.isdisjoint(ticks)


def test_a_loss_below_zero_is_shown(tmp_path):
    assert min(numbers(loss_curve(history(tmp_path, step(1, -0.2), step(2, -0.9))))) <= -0.8


def test_a_loss_that_is_no_number_leaves_a_gap(tmp_path):
    assert "loss" in words(loss_curve(history(tmp_path, step(1, NAN), step(2, 0.5), step(3, NAN))))
    assert "loss" in words(loss_curve(history(tmp_path, step(1, NAN))))


def test_a_case_that_joined_later_is_drawn_from_then(tmp_path):
    told = history(tmp_path, validation(1, 0.5, {"a": 0.5}), validation(2, 0.6, {"a": 0.5, "b": 0.7}))
    assert metric_curve(told).count("<path") > 0


def test_logs_without_speed_have_no_chart_of_it(tmp_path):
    assert speed_curve(history(tmp_path, step(1))) is None
