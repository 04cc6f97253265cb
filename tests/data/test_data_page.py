"""What the page about data shows can be done as it is shown."""

import re
from pathlib import Path

import pytest
import torch
from data.toy import GRID

from bundlert.config.build import Builder
from bundlert.config.load import load
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.images.writing import write_image
from bundlert.registry.registry import standard

TEXT = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def scans(tmp_path, monkeypatch):
    """Eight scans of four patients in the current folder, and a table of them."""
    chance = torch.Generator().manual_seed(0)
    rows = ["who,image,label,age,weight"]
    for number in range(8):
        voxels = torch.randint(-1000, 1000, (1, 20, 18, 17), generator=chance).to(torch.int16)
        voxels[0, 0, 0, 0] = -1000
        label = (voxels > 800).to(torch.uint8)
        for name, data in (("ct", voxels), ("seg", label)):
            image = Image(data, Grid((20, 18, 17), GRID.affine))
            write_image(image, tmp_path / f"{name}_{number}.nii.gz", dtype=str(data.dtype).removeprefix("torch."))
        rows.append(f"P{number // 2},ct_{number}.nii.gz,seg_{number}.nii.gz,{40 + number},{60 + number}")
    (tmp_path / "scans.csv").write_text("\n".join(rows) + "\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("scans")
def test_the_programs_of_the_page_run():
    programs = blocks("python")
    assert len(programs) > 4
    known = {}
    for program in programs:
        exec(compile(program, "docs/data.md", "exec"), known)  # noqa: S102 (our own page)


def test_the_config_of_the_page_builds(scans):
    (text,) = blocks("yaml")
    (scans / "train.yaml").write_text(text)
    loader = Builder(load(scans / "train.yaml"), standard()).get("loader")
    batches = list(loader.batches())
    assert [tuple(batch["label"].shape) for batch in batches] == [(8, 1, 16, 16, 16)] * 4
