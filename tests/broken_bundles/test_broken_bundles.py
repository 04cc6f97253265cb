"""Every mistake that a user made once: a folder with the command and the exact words that it must be answered with."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CASES = sorted(folder.parent for folder in Path(__file__).parent.glob("*/command.txt"))


def test_there_are_cases():
    assert len(CASES) >= 10


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_told_with_place_and_advice(case, tmp_path):
    bundle = shutil.copytree(case, tmp_path / case.name)
    words = (bundle / "command.txt").read_text().split()
    done = subprocess.run(
        [sys.executable, "-m", "bundlert.cli.main", *words], cwd=bundle, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (case / "expected.txt").read_text()
