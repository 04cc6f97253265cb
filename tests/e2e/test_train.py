"""`train`, as a user runs it: whole, stopped by Ctrl-C, killed, resumed."""

import signal
import time
from pathlib import Path

import pytest
from e2e.command import SPLEEN, TINY, bundlert, events, start
from safetensors.numpy import load_file

pytestmark = pytest.mark.slow


def wait_for_step(folder, process, step):
    """The newest run below `folder`, once it has logged a step."""
    for _ in range(1200):
        for log in sorted(folder.glob("runs/spleen_fast/*/run.jsonl")):
            if any(event["event"] == "step" and event["iteration"] >= step for event in events(log.parent)):
                return log.parent
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    raise AssertionError("no step was logged")


def assert_same_weights(one, other):
    ours, theirs = (load_file(run / "checkpoints" / "last.safetensors") for run in (one, other))
    assert ours.keys() == theirs.keys()
    assert all(ours[name].tobytes() == theirs[name].tobytes() for name in ours)


def test_a_run_leaves_everything_that_people_look_for(tmp_path):
    done = bundlert("run", SPLEEN, "train", *TINY, cwd=tmp_path)
    run = tmp_path / done["folder"]
    names = {str(file.relative_to(run)) for file in run.rglob("*") if file.is_file()}
    assert {"config.yaml", "environment.json", "metrics.json", "run.jsonl", "report.html"} <= names
    assert {"checkpoints/last.safetensors", "checkpoints/best.safetensors"} <= names
    assert any(name.startswith("previews/") for name in names)
    assert {"start", "step", "epoch", "validation", "end"} <= {one["event"] for one in events(run)}
    assert not [name for name in names if ".tmp." in name]
    weights = f"weights={run / 'checkpoints' / 'best.safetensors'}"
    measured = bundlert("run", SPLEEN, "evaluate", *TINY[:1], *TINY[2:], weights, cwd=tmp_path)["result"]
    assert list(measured["cases"]) == ["phantom_003"]


def test_the_full_profile_takes_its_steps(tmp_path):
    words = ["profile=full", "dataset_dir::cases=2", "epochs=1"]
    result = bundlert("run", SPLEEN, "train", *words, cwd=tmp_path)["result"]
    assert (result["iterations"], result["stopped"]) == (1, False)


def test_a_second_run_of_one_seed_has_the_same_weights(tmp_path):
    one, other = (tmp_path / bundlert("run", SPLEEN, "train", *TINY, cwd=tmp_path)["folder"] for _ in range(2))
    assert_same_weights(one, other)


@pytest.mark.parametrize("step", [1, 4])  # before the first checkpoint, and in the middle of the second epoch
def test_a_killed_run_ends_with_the_weights_of_an_unbroken_one(step, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    words = ["run", SPLEEN, "train", *TINY, "dataset_dir::cases=4", "training::loader::batch_size=1", "epochs=3"]
    expected = whole / bundlert(*words, cwd=whole)["folder"]
    process = start(*words, cwd=broken)
    run = wait_for_step(broken, process, step)
    process.kill()
    process.communicate()
    assert not (run / "metrics.json").exists()
    assert broken / bundlert(*words, "--resume", cwd=broken)["folder"] == run
    assert_same_weights(expected, run)
    best = expected / "checkpoints" / "best.safetensors"
    assert best.read_bytes() == (run / "checkpoints" / "best.safetensors").read_bytes()


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
