from __future__ import annotations

import pytest
from images.slides.pyramids import write_pyramid


@pytest.fixture
def pyramid(tmp_path):
    """A file with a small slide, packed as JPEG."""
    write_pyramid(tmp_path / "a.tif")
    return tmp_path / "a.tif"
