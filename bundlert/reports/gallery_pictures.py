"""Pictures of what a transform does to a slice: before and after side by side, all at one scale."""

from __future__ import annotations

import io
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bundlert.files import atomic
from bundlert.images.image import Image
from bundlert.reports.gallery_examples import Example
from bundlert.reports.gallery_samples import LINE, NO_LINE, WINDOWS
from bundlert.reports.pipeline_steps import keys_of
from bundlert.transforms.compose import as_list
from bundlert.transforms.lazy import realized

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from bundlert.transforms.base import Sample

    Array = NDArray[Any]

SUFFIX = ".webp"
_SEEDS, _CROPS = (0, 8), 3
_HEIGHT, _HISTOGRAM, _WORDS, _GAP = 1.9, 0.55, 0.5, 0.15  # inches
_DPI, _SMALL = 100, 8
_QUALITIES, MOST_BYTES = (70, 55, 40, 30, 20), 25_000
_IMAGE, _LABEL = "image", "label"  # how the keys of images begin, and the key of the label
_BODY_WINDOW = WINDOWS["ct"]
_INK = (1.0, 0.85, 0.2)  # of the lines
# Okabe and Ito's colours, from label 1 on
_COLOURS = ((0.84, 0.37, 0.0), (0.34, 0.71, 0.91), (0.0, 0.62, 0.45), (0.8, 0.47, 0.65), (0.94, 0.89, 0.26))
_OPAQUE = 0.6


class Panel(NamedTuple):
    """One slice of a strip.

    Attributes:
        title: What stands above.
        grey: [X, Y], or None where there is only something laid over.
        over: [X, Y] of labels or of a map.
        points: [n, 2], indices.
        lines: [X, Y], how much of a line there is, 0..1.
        spacing: mm along each axis.
        window: The values that are black and white.
    """

    title: str
    grey: Array | None
    over: Array | None
    points: Array | None
    lines: Array | None
    spacing: tuple[float, ...]
    window: tuple[float, float]

    @property
    def shape(self) -> tuple[int, ...]:
        """Pixels along each axis."""
        shown = self.over if self.grey is None else self.grey
        return shown.shape if shown is not None else ()


def panels_of(example: Example, samples: Mapping[str, Sample]) -> list[Panel]:
    """The slices before, then those after: of several draws, or of several crops, where there are some."""
    sample, transform = samples[str(example.sample)], example.built()
    hidden = set() if _LABEL in keys_of(transform) else {_LABEL}
    window = WINDOWS.get(str(example.sample), _BODY_WINDOW)
    before = [_panel(sample, key, _title("before", key, example.before), window, hidden) for key in example.before]
    after = [
        _panel(result, key, _title(words, key, example.after), example.window or window, hidden)
        for words, result in _results(transform, sample)
        for key in example.after
    ]
    return before + after


def strip(panels: Sequence[Panel], *, histograms: bool) -> Figure:
    """A figure of slices beside each other; below each, if wished, how often each value is."""
    from matplotlib.figure import Figure  # noqa: PLC0415 (0.5 s that only a picture needs)

    # where all have as many pixels, these are what is seen, as by a network; else the place in the body
    alike = len({one.shape for one in panels}) == 1
    sizes = [np.multiply(one.shape, panels[0].spacing if alike else one.spacing) for one in panels]
    size = np.max(sizes, axis=0)
    width = _HEIGHT * size[0] / size[1]
    height = _HEIGHT + _WORDS + (_HISTOGRAM + 0.3 if histograms else 0)
    whole = len(panels) * width + (len(panels) + 1) * _GAP
    figure = Figure((whole, height), dpi=_DPI, facecolor="white")
    for index, panel in enumerate(panels):
        left, bottom = (_GAP + index * (width + _GAP)) / whole, (height - _HEIGHT - _WORDS / 2) / height
        axes = figure.add_axes((left, bottom, width / whole, _HEIGHT / height))
        _draw(axes, panel, sizes[index], size)
        if histograms:
            below = figure.add_axes((left, 0.25 / height, width / whole, _HISTOGRAM / height))
            _histogram(below, panel)
    return figure


def write_strip(figure: Figure, file: Path) -> None:
    """Write a figure as a WebP, small enough to stand on a page beside a hundred others."""
    for quality in _QUALITIES:  # noise and fine lines don't compress well
        buffer = io.BytesIO()
        figure.savefig(buffer, format="webp", pil_kwargs={"quality": quality, "method": 6})
        if buffer.tell() <= MOST_BYTES:
            break
    with atomic(file) as temporary:
        temporary.write_bytes(buffer.getvalue())


def _results(transform: Any, sample: Sample) -> Iterator[tuple[str, Sample]]:
    """What comes out, each with its words: of chance several draws, of a step that gives several samples each."""
    by_chance = getattr(transform, "random", False)
    for seed in _SEEDS if by_chance else _SEEDS[:1]:
        results = [realized(one) for one in as_list(transform(sample, np.random.default_rng(seed)))]
        if len(results) > 1:
            yield from ((f"after, {index} of {len(results)}", one) for index, one in enumerate(results[:_CROPS], 1))
            return
        yield f"after, seed {seed}" if by_chance else "after", results[0]


def _title(words: str, key: str, keys: Sequence[str]) -> str:
    return words if len(keys) == 1 and key in ("image", "label", "pred") else f"{words}: {key}"


def _panel(sample: Sample, key: str, title: str, window: tuple[float, float], hidden: Container[str]) -> Panel:
    """A slice: an image with its label unless that is hidden, or labels or a map over the image that lies there."""
    shown, points = sample[key], None
    if not isinstance(shown, Image):
        points, shown = np.array([place[1:] for place in shown]), sample["pred"]
    data, spacing = shown.data.numpy(), shown.grid.spacing
    alike = {
        name: one.data.numpy() for name, one in sample.items() if isinstance(one, Image) and one.shape == shown.shape
    }
    if key.startswith(_IMAGE) and data.dtype.kind == "f":
        lines = np.clip((data[1] - NO_LINE) / (LINE - NO_LINE), 0, 1) * (data[1] <= LINE) if len(data) > 1 else None
        over = alike[_LABEL][0] if _LABEL in alike and _LABEL not in hidden else None
        return Panel(title, data[0], over, points, lines, spacing, window)
    title = f"{title}, channel 1" if len(data) > 1 else title
    grey = next((one[0] for name, one in alike.items() if name.startswith(_IMAGE) and name != key), None)
    return Panel(title, grey, data[min(1, len(data) - 1)], points, None, spacing, window)


def _draw(axes: Axes, panel: Panel, own: Array, size: Array) -> None:
    across, up = own
    place = (-across / 2, across / 2, -up / 2, up / 2)
    options: dict[str, Any] = {"origin": "lower", "extent": place, "interpolation": "nearest"}
    if panel.grey is not None:
        axes.imshow(panel.grey.T, cmap="gray", vmin=panel.window[0], vmax=panel.window[1], **options)
    if panel.over is not None:
        axes.imshow(_coloured(panel.over).swapaxes(0, 1), **options)
    if panel.lines is not None:
        ink = np.broadcast_to(_INK, (*panel.lines.shape, 3))
        axes.imshow(np.dstack([ink, panel.lines * _OPAQUE]).swapaxes(0, 1), **options)
    if panel.points is not None:
        at = ((panel.points + 0.5) / panel.shape - 0.5) * own
        axes.plot(*at.T, "o", color="white", markeredgecolor="black", markersize=5)
    axes.set(xlim=(-size[0] / 2, size[0] / 2), ylim=(-size[1] / 2, size[1] / 2), xticks=[], yticks=[], aspect="equal")
    axes.set_facecolor("#e8e8e8")
    axes.spines[:].set_visible(False)
    axes.set_title(panel.title, fontsize=_SMALL, pad=3)
    spacing = " x ".join(f"{one:.3g}" for one in panel.spacing)
    axes.set_xlabel(f"{panel.shape[0]} x {panel.shape[1]}, {spacing} mm", fontsize=_SMALL, labelpad=2)


def _coloured(over: Array) -> Array:
    """Colours with opacity, [X, Y, 4]: of labels, or of a map from its least to its greatest value."""
    from matplotlib import colormaps  # noqa: PLC0415

    if over.dtype.kind in "ui":
        colours = np.array([(0, 0, 0, 0), *((*colour, _OPAQUE) for colour in _COLOURS)])
        return np.asarray(colours[np.minimum(over, len(_COLOURS))])
    low, high = float(over.min()), float(over.max())
    return np.asarray(colormaps["viridis"]((over - low) / ((high - low) or 1)))


def _histogram(axes: Axes, panel: Panel) -> None:
    values = np.ravel(panel.grey if panel.grey is not None else panel.over if panel.over is not None else [])
    axes.hist(values, bins=80, color="#0072B2", log=True)
    axes.tick_params(axis="x", labelsize=_SMALL - 1, length=2, pad=1)
    axes.set_yticks([], minor=True)
    axes.set_yticks([])
    axes.spines[["top", "left", "right"]].set_visible(False)
