"""Slices with outlines, ready to stand inside a page: the picture once, the outlines as vectors that CSS can hide."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Slice(NamedTuple):
    """One slice of a case.

    Attributes:
        width: Pixels from left to right.
        height: Pixels from top to bottom.
        stretch: How much taller than wide a pixel is.
        picture: A grey PNG as a data address.
        truth: The outline of the truth, the `d` of an SVG path in pixels from the upper left corner.
        prediction: The outline of the prediction.
    """

    width: int
    height: int
    stretch: float
    picture: str
    truth: str
    prediction: str


def read_slice(file: Path) -> Slice:
    """The slice in an `.npz` with `image`, `truth`, `prediction`, [rows, columns] each, and `spacing` of both in mm."""
    with np.load(file) as arrays:
        image, truth, prediction, spacing = (arrays[name] for name in ("image", "truth", "prediction", "spacing"))
    height, width = image.shape
    return Slice(width, height, float(spacing[0] / spacing[1]), _png(image), outline(truth), outline(prediction))


def outline(mask: NDArray[Any]) -> str:
    """The border of what isn't 0, halfway between the pixels on both sides, as the `d` of an SVG path."""
    from matplotlib.figure import Figure  # noqa: PLC0415 (0.5 s that only a report needs)

    if not mask.any():
        return ""
    framed = np.pad((mask > 0).astype(np.float32), 1)  # so that a border at the edge is closed
    lines = Figure().add_subplot().contour(framed, levels=[0.5]).allsegs[0]
    # The frame moved everything by one pixel; a pixel's middle is half a pixel from its corner.
    return " ".join("M" + "L".join(f"{x - 0.5:g} {y - 0.5:g}" for x, y in line[:-1]) + "Z" for line in lines)


def _png(image: NDArray[np.uint8]) -> str:
    from matplotlib.image import imsave  # noqa: PLC0415

    buffer = io.BytesIO()
    imsave(buffer, image, format="png", cmap="gray", vmin=0, vmax=255)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
