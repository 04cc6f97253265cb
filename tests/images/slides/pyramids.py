"""Small slides: tiled pyramids as TIFF, made by tifffile."""

from __future__ import annotations

import numpy as np
import pytest

from bundlert.images.slides.opening import BACKENDS, open_slide

MODULES = {"cucim": "cucim", "openslide": "openslide", "tifffile": "tifffile"}


def need(backend):
    """Skip a test without the library; all three need tifffile, which makes the slides."""
    pytest.importorskip("tifffile")
    pytest.importorskip(MODULES[backend])


def opened(file, backend):
    need(backend)
    return open_slide(file, backend)


each_backend = pytest.mark.parametrize("backend", BACKENDS)


def tissue(width=1024, height=768):
    """Rows of pixels [Y, X, 3]: smooth colours, squares and some noise."""
    y, x = np.mgrid[:height, :width]
    rows = np.stack([x * 255 // width, y * 255 // height, (x // 16 + y // 16) % 2 * 200], axis=-1).astype(np.uint8)
    rows[..., 0] ^= np.random.default_rng(0).integers(0, 30, (height, width), dtype=np.uint8)
    return rows


def write_pyramid(file, rows=None, *, levels=3, compression="jpeg", tile=(128, 128), **options):
    """Levels of half the size each, every second pixel kept, at 0.25 micrometres; gives the rows of each level."""
    tifffile = pytest.importorskip("tifffile")
    rows = tissue() if rows is None else rows
    made = [rows[:: 2**level, :: 2**level] for level in range(levels)]
    options = {"photometric": "rgb" if rows.ndim == 3 else "minisblack", "tile": tile, **options}
    with tifffile.TiffWriter(file) as writer:
        for level, content in enumerate(made):
            per_cm = 1e4 / 0.25 / 2**level
            writer.write(
                content,
                compression=compression,
                subfiletype=int(level > 0),
                resolution=(per_cm, per_cm),
                resolutionunit="CENTIMETER",
                **options,
            )
    return made


def cut(rows, x, y, width, height):
    """A region [3, X, Y] of rows; white outside."""
    found = np.full((height, width, 3), 255, np.uint8)
    inner = rows[max(y, 0) : y + height, max(x, 0) : x + width]
    found[max(-y, 0) :, max(-x, 0) :][: inner.shape[0], : inner.shape[1]] = inner
    return found.transpose(2, 1, 0)
