"""Curves of a run as SVG, ready to stand inside a page."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bundlert.reports.run_log import History, key_metric, worded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, told apart by everyone; the grey reads on white and on black.
SKY, BLUE, ORANGE, GREEN, PINK, GREY = "#56B4E9", "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#808080"
_LARGE, _SMALL = (6.4, 3.2), (6.4, 2.2)  # inches
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))  # the same page for the same run


def loss_curve(history: History) -> str | None:
    """Loss of each step, faint, its mean of each epoch, and where the best validation was, as SVG."""
    if not history.steps:
        return None
    figure, axes = _blank("step", "loss", _LARGE)
    steps = [one["iteration"] for one in history.steps]
    losses = [one["loss"] for one in history.steps]
    axes.plot(steps, losses, color=SKY, alpha=0.7, linewidth=0.8, marker=_dot(steps), label="each step")
    ends = {one["epoch"]: one["iteration"] for one in history.steps}
    means = [(ends[one["epoch"]], one["loss"]) for one in history.epochs if one["epoch"] in ends]
    if means:
        axes.plot(*zip(*means, strict=True), color=BLUE, linewidth=2, label="mean of an epoch")
    if history.best:
        axes.axvline(history.best["iteration"], color=ORANGE, linestyle=":", label="best validation")
    return _finished(figure, axes, steps, losses)


def metric_curve(history: History) -> str | None:
    """The figure of each validation, cases faint, their mean bold and the best one marked, as SVG."""
    if not history.validations:
        return None
    name = key_metric(history.validations[-1])
    figure, axes = _blank("epoch", worded(name), _LARGE)
    epochs = [one["epoch"] for one in history.validations]
    for number, case in enumerate(sorted({case for one in history.validations for case in one["cases"]})):
        values = [one["cases"].get(case, math.nan) for one in history.validations]
        label = None if number else "each case"
        axes.plot(epochs, values, color=ORANGE, alpha=0.45, linewidth=0.8, marker=_dot(epochs), label=label)
    means = [one.get(name, math.nan) for one in history.validations]
    axes.plot(epochs, means, color=ORANGE, linewidth=2, marker="o", markersize=4, label="mean")
    if best := history.best:
        figure_of_best = best[key_metric(best)]
        words = f"best: {figure_of_best:.3f} in epoch {best['epoch']}"
        axes.plot([best["epoch"]], [figure_of_best], color=BLUE, linestyle="", marker="*", markersize=13, label=words)
    if any(mean > 1 for mean in means):
        axes.set_ylim(bottom=0)
    else:
        axes.set_ylim(0, 1.02)
    return _finished(figure, axes, epochs)


def rate_curve(history: History) -> str | None:
    """Learning rate of each step, as SVG."""
    return _of_steps(history, "lr", "learning rate", GREEN)


def speed_curve(history: History) -> str | None:
    """Samples in a second at each step, as SVG."""
    return _of_steps(history, "samples_per_s", "samples per second", PINK)


def _of_steps(history: History, key: str, words: str, color: str) -> str | None:
    told = [one for one in history.steps if key in one]
    if not told:
        return None
    figure, axes = _blank("step", words, _SMALL)
    steps, values = [one["iteration"] for one in told], [one[key] for one in told]
    axes.plot(steps, values, color=color, linewidth=1.4, marker=_dot(steps))
    return _finished(figure, axes, steps, values)


def _dot(places: Sequence[float]) -> str:
    """A line needs two points; a single one is shown as a dot."""
    return "" if len(places) > 1 else "o"


def _blank(x: str, y: str, size: tuple[float, float]) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure  # noqa: PLC0415 (0.5 s that only a report needs)
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    figure = Figure(figsize=size, facecolor="none", layout="constrained")
    axes = figure.add_subplot(facecolor="none")
    axes.set_xlabel(x, color=GREY)
    axes.set_ylabel(y, color=GREY)
    axes.tick_params(colors=GREY)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.grid(visible=True, color=GREY, alpha=0.25, linewidth=0.6)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(GREY)
    return figure, axes


def _finished(figure: Figure, axes: Axes, places: Sequence[float], values: Sequence[float] = ()) -> str:
    """The figure as SVG; its axes begin at 0 unless there is something below."""
    axes.set_xlim(0, max(places) * 1.03 or 1)
    if values and not min(values) < 0:
        axes.set_ylim(bottom=0)
    if axes.get_legend_handles_labels()[1]:
        # A loss falls, away from the top; a Dice rises, away from the bottom.
        axes.legend(frameon=False, fontsize=9, labelcolor=GREY, loc="upper center" if values else "lower right")
    return _svg(figure)


def _svg(figure: Figure) -> str:
    from matplotlib import rc_context  # noqa: PLC0415

    buffer = io.StringIO()
    settings: dict[Any, Any] = {"svg.hashsalt": "bundlert", "svg.fonttype": "none", "font.family": "sans-serif"}
    with rc_context(settings):  # words stay words, that can be searched and read aloud
        figure.savefig(buffer, format="svg", metadata=_NO_METADATA)
    text = buffer.getvalue()
    return text[text.index("<svg") :]
