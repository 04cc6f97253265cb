"""Curves as SVG and slices as PNG, ready to stand inside a page."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bundlert.reports.run_log import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, told apart by everyone; the grey reads on white and on black.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#808080"
_ZOOM, _DPI = 3, 100  # pixels of a picture for each of a slice
_CURVE_SIZE = (6.4, 3.2)  # inches


def loss_curve(history: History) -> str | None:
    """Loss of each step, faint, and its mean of each epoch, as SVG."""
    if not history.steps:
        return None
    figure, axes = _blank("step", "loss")
    steps = [one["iteration"] for one in history.steps]
    axes.plot(steps, [one["loss"] for one in history.steps], color=BLUE, alpha=0.3, linewidth=0.8)
    ends = _ends_of_epochs(history)
    means = [(ends[one["epoch"]], one["loss"]) for one in history.epochs if one["epoch"] in ends]
    if means:
        axes.plot(*zip(*means, strict=True), color=BLUE, linewidth=2, marker="o", markersize=3)
    axes.set_ylim(bottom=0)
    return _svg(figure)


def dice_curve(history: History) -> str | None:
    """Dice of each validation, cases faint and their mean bold, as SVG."""
    if not history.validations:
        return None
    figure, axes = _blank("epoch", "validation Dice")
    epochs = [one["epoch"] for one in history.validations]
    for case in sorted({case for one in history.validations for case in one["cases"]}):
        values = [one["cases"].get(case, np.nan) for one in history.validations]
        axes.plot(epochs, values, color=ORANGE, alpha=0.35, linewidth=0.8)
    axes.plot(epochs, [one["dice"] for one in history.validations], color=ORANGE, linewidth=2, marker="o", markersize=4)
    axes.set_ylim(0, 1.02)
    return _svg(figure)


def rate_curve(history: History) -> str | None:
    """Learning rate of each step, as SVG."""
    if not history.steps:
        return None
    figure, axes = _blank("step", "learning rate")
    axes.plot([one["iteration"] for one in history.steps], [one["lr"] for one in history.steps], color=GREEN)
    axes.set_ylim(bottom=0)
    return _svg(figure)


def overlay(slices: Mapping[str, NDArray[np.uint8]]) -> str:
    """A slice with the truth as an outline and the prediction as a tint, as a PNG data address."""
    image, truth, prediction = (slices[name] for name in ("image", "truth", "prediction"))
    figure = _figure(image.shape[1] * _ZOOM / _DPI, image.shape[0] * _ZOOM / _DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="bilinear")
    tint = np.zeros((*prediction.shape, 4))
    tint[prediction > 0] = (0.0, 0.45, 0.70, 0.45)  # BLUE
    axes.imshow(tint, interpolation="nearest")
    if truth.any():
        axes.contour(truth > 0, levels=[0.5], colors=ORANGE, linewidths=1.6)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _ends_of_epochs(history: History) -> dict[int, int]:
    return {one["epoch"]: one["iteration"] for one in history.steps}


def _blank(x: str, y: str) -> tuple[Figure, Axes]:
    figure = _figure(*_CURVE_SIZE)
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    axes.set_xlabel(x, color=GREY)
    axes.set_ylabel(y, color=GREY)
    axes.tick_params(colors=GREY)
    axes.grid(visible=True, color=GREY, alpha=0.25, linewidth=0.6)
    axes.set_facecolor("none")
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(GREY)
    return figure, axes


def _figure(width: float, height: float) -> Any:
    from matplotlib.figure import Figure  # noqa: PLC0415 (0.5 s that only a report needs)

    return Figure(figsize=(width, height), facecolor="none")


def _svg(figure: Figure) -> str:
    from matplotlib import rc_context  # noqa: PLC0415

    buffer = io.StringIO()
    with rc_context({"svg.hashsalt": "bundlert"}):  # the same page for the same run
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
