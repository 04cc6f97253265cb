from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with small real images."""
    folder = os.environ.get("BUNDLERT_TEST_DATA")
    if not folder:
        pytest.skip("BUNDLERT_TEST_DATA names no folder")
    return Path(folder)
