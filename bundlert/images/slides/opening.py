"""Opening a slide with the best library that can read it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bundlert.errors import DataError
from bundlert.files import readable
from bundlert.images.slides.by_cucim import CucimSlide
from bundlert.images.slides.by_openslide import OpenSlideSlide
from bundlert.images.slides.by_tifffile import TifffileSlide
from bundlert.images.slides.slide import Slide

BACKENDS: dict[str, Callable[[Path], Slide]] = {one.backend: one for one in (CucimSlide, OpenSlideSlide, TifffileSlide)}
_EXTRA = "pip install 'bundlert[slides]'"


def open_slide(path: Path | str, backend: str | None = None) -> Slide:
    """A slide whose regions can be read, to be closed after use, or opened by `with`.

    Args:
        path: A tiled TIFF, an SVS, or what else OpenSlide knows.
        backend: `cucim`, `openslide` or `tifffile`; the first of them that is installed and can read it if None.

    Raises:
        ValueError: No such backend.
        DataError: There is no such file, or nothing that is installed can read it.
    """
    path = readable(Path(path))
    if backend is not None and backend not in BACKENDS:
        raise ValueError(f"backend must be one of {', '.join(BACKENDS)}, got '{backend}'")
    if not path.is_file():
        raise DataError(f"slide '{path}' does not exist", got="a folder" if path.is_dir() else "nothing there")
    if path.stat().st_size == 0:
        raise DataError(f"slide '{path}' is empty", got="0 bytes", hint="copy or download it again")
    reasons, missing = [], []
    for name in [backend] if backend else BACKENDS:
        try:
            return BACKENDS[name](path)
        except ImportError as error:
            missing.append(name)
            reasons.append(f"{name} isn't installed ({error})")
        except DataError as error:
            reasons.append(f"{name}: {error.what}" + (f" ({error.got})" if error.got else ""))
    raise DataError(
        f"slide '{path}' can't be read", got="; ".join(reasons), hint=_EXTRA if len(missing) == len(reasons) else None
    )
