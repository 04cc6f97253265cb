"""The command line as a process, for tests that run whole bundles."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SPLEEN = Path(__file__).parents[2] / "bundles" / "spleen_fast"
# A few cases and steps: what is learnt doesn't matter here.
TINY = ["dataset_dir::cases=3", "epochs=2", "profiles::small::channels=[4, 8, 8, 8, 16]", "profile=small"]


def start(*words, cwd):
    """Begin a command."""
    command = [sys.executable, "-m", "bundlert.cli.main", *map(str, words)]
    return subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def bundlert(*words, cwd, code=0):
    """Run a command to its end; give its result as data."""
    process = start(*words, "--json", cwd=cwd)
    out, err = process.communicate(timeout=600)
    assert process.returncode == code, err
    return json.loads(out)


def real_data():
    """The folder with small real data; the test is skipped without it."""
    folder = os.environ.get("BUNDLERT_TEST_DATA")
    if not folder:
        pytest.skip("needs real images: set BUNDLERT_TEST_DATA")
    return Path(folder).resolve()


def events(run):
    """What the run's log tells."""
    return [json.loads(line) for line in (run / "run.jsonl").read_text().splitlines()]
