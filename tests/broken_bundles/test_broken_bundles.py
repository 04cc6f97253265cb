"""Every mistake that a user made once: a folder with the command and the exact words that it must be answered with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CASES = sorted(folder.parent for folder in HERE.glob("*/command.txt"))

# What nobody can see before something is built.
ONLY_WHEN_BUILT = {
    *("weights_pickled", "number_out_of_range", "spacing_negative", "interpolation_unknown", "profile_unknown"),
    *("image_missing", "two_masks_one_file", "one_file_for_several_images", "dataset_missing"),
    *("dataset_json_broken", "dataset_image_missing"),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What each command was answered: exit code, stdout, stderr, whether torch was imported by then."""
    early_first = sorted(CASES, key=lambda case: case.name in ONLY_WHEN_BUILT)
    done = subprocess.run(
        [sys.executable, HERE / "answers.py", *early_first],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path_factory.mktemp("answers"),
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
    )
    return {Path(case).name: answer for case, answer in json.loads(done.stdout).items()}


def test_there_are_cases():
    assert len(CASES) >= 40
    assert {case.name for case in CASES} >= ONLY_WHEN_BUILT


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_told_with_place_and_advice(case, answers):
    code, out, err, _ = answers[case.name]
    assert (code, out) == (2, "")
    assert err == (case / "expected.txt").read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_can_be_seen_is_told_before_torch_is_imported(case, answers):
    if case.name not in ONLY_WHEN_BUILT:
        assert answers[case.name][3] is False
