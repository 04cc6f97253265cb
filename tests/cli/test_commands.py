"""The commands as processes: words in, words and exit codes out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bundle.toy import make_bundle

BUNDLES = Path(__file__).parents[2] / "bundles"


def bundlert(*words, cwd):
    command = [sys.executable, "-m", "bundlert.cli.main", *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_help_shows_examples(tmp_path):
    done = bundlert("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "bundlert run bundles/spleen_fast train epochs=2" in done.stdout
    assert "Examples:" in bundlert("run", "--help", cwd=tmp_path).stdout


def test_a_run_prints_words_on_stderr_and_json_on_stdout(tmp_path):
    make_bundle(tmp_path / "toy")
    done = bundlert("run", "toy", "sum", "a=5", "--json", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["result"]) == (0, 7)
    assert Path(tmp_path, json.loads(done.stdout)["folder"]).is_dir()


def test_a_mistake_exits_with_2_and_is_data_with_json(tmp_path):
    make_bundle(tmp_path / "toy", sum="run: ['@x']\nxy: 1\n")
    done = bundlert("run", "toy", "sum", "--json", cwd=tmp_path)
    assert done.returncode == 2
    assert json.loads(done.stdout)["errors"] == [
        {
            "level": "error",
            "code": "ConfigError",
            "rule": "missing-reference",
            "message": "the reference '@x' leads nowhere",
            "file": "toy/configs/sum.yaml",
            "line": 1,
            "column": 7,
            "path": "run::0",
            "got": None,
            "expected": None,
            "hint": "did you mean 'xy'?",
        }
    ]


def test_a_mistake_shows_a_traceback_only_with_debug(tmp_path):
    assert "Traceback" not in bundlert("check", "nowhere", cwd=tmp_path).stderr
    assert "Traceback" in bundlert("check", "nowhere", "--debug", cwd=tmp_path).stderr


@pytest.mark.parametrize("words", [("rum",), ("run",), ("run", "x", "y", "--nope")])
def test_a_wrong_command_line_exits_with_2(words, tmp_path):
    assert bundlert(*words, cwd=tmp_path).returncode == 2


def test_check_counts_components_and_tells_all_mistakes(tmp_path):
    make_bundle(tmp_path / "good", sum="loss: {_target_: DiceLoss}\nrun: ['@loss']\n")
    done = bundlert("check", "good", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "good: 1 components, no mistakes\n")
    make_bundle(tmp_path / "bad", one="run: ['@x']\n", two="run: ['@y']\n")
    done = bundlert("check", "bad", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("ConfigError:") == 2


def test_show_prints_the_config_with_overrides(tmp_path):
    make_bundle(tmp_path / "toy")
    assert bundlert("show", "toy", "sum", "a=[1, 2]", "--id", "a", cwd=tmp_path).stdout == "[1, 2]\n"
    assert json.loads(bundlert("show", "toy", "sum", "a=7", "--json", cwd=tmp_path).stdout)["a"] == 7


def test_list_names_bundles_and_components(tmp_path):
    make_bundle(tmp_path / "bundles" / "toy")
    assert bundlert("list", cwd=tmp_path).stdout.split() == ["bundles/toy", "1.2.3", "sum"]
    assert "DiceCELoss" in bundlert("list", "components", "losses", cwd=tmp_path).stdout


def test_the_shipped_bundles_are_sound(tmp_path):
    for bundle in sorted(BUNDLES.iterdir()):
        done = bundlert("check", bundle, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
