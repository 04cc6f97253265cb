"""`train`, as a user runs it: whole, stopped by Ctrl-C, killed, resumed."""

import signal
import time
from pathlib import Path

import pytest
from e2e.command import SPLEEN, TINY, bundlert, events, start
from safetensors.numpy import load_file

pytestmark = pytest.mark.slow


def wait_for_step(folder, process, step):
    """Wait until the newest run below `folder` has logged a step."""
    for _ in range(1200):
        for log in sorted(folder.glob("runs/spleen_fast/*/run.jsonl")):
            if any(event["event"] == "step" and event["iteration"] >= step for event in events(log.parent)):
                return log.parent
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.1)
    raise AssertionError("no step was logged")


def assert_same_weights(one, other):
    ours, theirs = (load_file(run / "checkpoints" / "last.safetensors") for run in (one, other))
    assert ours.keys() == theirs.keys()
    assert all(ours[name].tobytes() == theirs[name].tobytes() for name in ours)


def test_a_run_leaves_everything_that_people_look_for(tmp_path):
    done = bundlert("run", SPLEEN, "train", *TINY, cwd=tmp_path)
    run = tmp_path / done["folder"]
    names = {str(file.relative_to(run)) for file in run.rglob("*") if file.is_file()}
    assert {"config.yaml", "environment.json", "run.jsonl", "report.html"} <= names
    assert {"checkpoints/last.safetensors", "checkpoints/best.safetensors"} <= names
    assert any(name.startswith("previews/") for name in names)
    assert {"start", "step", "epoch", "validation", "checkpoint", "end"} <= {one["event"] for one in events(run)}
    weights = f"weights={run / 'checkpoints' / 'best.safetensors'}"
    result = bundlert("run", SPLEEN, "evaluate", *TINY[:1], *TINY[2:], weights, cwd=tmp_path)["result"]
    assert 0 <= result["dice"] <= 1


def test_a_killed_run_ends_with_the_weights_of_an_unbroken_one(tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    words = ["run", SPLEEN, "train", *TINY, "epochs=3", "settings::num_samples=1"][:-1]
    expected = whole / bundlert(*words, cwd=whole)["folder"]
    process = start(*words, cwd=broken)
    run = wait_for_step(broken, process, 2)
    process.kill()
    process.wait()
    wait = (
        bundlert(*words, "--resume", run.relative_to(broken), cwd=broken)
        if (run / "checkpoints" / "last.safetensors").is_file()
        else bundlert(*words, cwd=broken)
    )
    assert_same_weights(expected, broken / wait["folder"])


def test_ctrl_c_saves_a_checkpoint_and_says_how_to_go_on(tmp_path):
    words = ["run", SPLEEN, "train", *TINY, "epochs=50"]
    process = start(*words, cwd=tmp_path)
    run = wait_for_step(tmp_path, process, 1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "go on with: bundlert run" in err
    assert "--resume" in err
    assert (run / "checkpoints" / "last.safetensors").is_file()
    assert events(run)[-1]["event"] == "stop"
    assert Path(run / "report.html").is_file()
