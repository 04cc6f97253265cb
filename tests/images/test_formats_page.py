"""The Python of docs/formats.md runs, and its table names all formats."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nibabel
import numpy as np
import pytest

from bundlert.images.reading import SUFFIXES
from bundlert.images.writing import WRITTEN_SUFFIXES

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("suffix", sorted({*SUFFIXES, *WRITTEN_SUFFIXES}))
def test_every_format_is_on_the_page(suffix):
    assert f"`{suffix}`" in PAGE.partition("## Axes")[0]


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_its_python_runs(block, tmp_path, monkeypatch, real_data):
    monkeypatch.chdir(tmp_path)
    nibabel.save(nibabel.Nifti1Image(np.zeros((3, 4, 5), np.int16), np.eye(4)), "ct.nii.gz")
    shutil.copy(real_data / "wsi" / "small_HE.svs", "slide.svs")
    if "open_slide" in block:
        pytest.importorskip("tifffile")
    exec(compile(block, "formats.md", "exec"), {})  # noqa: S102 (our own page)
