"""What TAB offers in a shell, asked as bash asks."""

import os

import pytest
from bundle.toy import make_bundle
from cli.process import bundlert

TRAIN = "epochs: 1\nlr: 0.1\nloss: {_target_: DiceLoss}\nrun: ['@epochs']\n"


@pytest.fixture
def offered(tmp_path):
    make_bundle(tmp_path / "bundles" / "toy", train=TRAIN, evaluate="run: ['$1']\n", parts="a: 1\n")
    make_bundle(tmp_path / "other")

    def ask(*words):
        line = " ".join(["bundlert", *words])
        environment = {"_BUNDLERT_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
        done = bundlert(cwd=tmp_path, env={**os.environ, **environment})
        assert (done.returncode, done.stderr) == (0, "")
        return [line.partition(",")[2] for line in done.stdout.splitlines() if line]

    return ask


def test_commands_are_offered(offered):
    assert {"run", "check", "show", "graph", "list", "describe", "completion"} <= set(offered(""))
    assert offered("ch") == ["check"]


def test_bundles_are_offered_from_here_and_from_the_folder_of_bundles(offered):
    assert offered("run", "") == ["bundles/toy", "other"]
    assert offered("run", "bun") == ["bundles/toy"]
    assert offered("run", "/nowhere") == ["/nowhere"]  # then the shell itself completes folders


def test_entries_are_those_configs_that_can_be_run(offered):
    assert offered("run", "bundles/toy", "") == ["evaluate", "train"]
    assert offered("check", "bundles/toy", "e") == ["evaluate"]
    assert offered("run", "nowhere", "") == []


def test_keys_are_offered_as_overrides(offered):
    assert offered("run", "bundles/toy", "train", "") == [
        *("epochs=", "lr=", "loss=", "run=", "bundle_root=", "loss::", "run::"),
    ]
    assert offered("show", "bundles/toy", "train", "epochs=2", "l") == ["lr=", "loss=", "loss::"]
    assert offered("run", "bundles/toy", "nothing", "") == []


def test_options_are_offered(offered):
    assert "--resume" in offered("run", "--re")


def test_deep_ids_are_offered_a_step_at_a_time(offered):
    assert offered("run", "bundles/toy", "train", "loss::") == ["loss::_target_="]
    assert offered("show", "bundles/toy", "train", "--id", "loss::_") == ["loss::_target_"]
    assert offered("graph", "bundles/toy", "train", "--id", "lo") == ["loss", "loss::"]


def test_bash_splits_at_colons_and_is_offered_the_rest(offered):
    assert offered("run", "bundles/toy", "train", "loss", "::") == ["_target_="]
    assert offered("run", "bundles/toy", "train", "lr=1", "loss", "::", "_t") == ["_target_="]
    assert offered("run", "bundles/toy", "train", "epochs", "=", "") == []


def test_components_are_offered(offered):
    assert offered("describe", "DiceC") == ["DiceCELoss"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_line_for_a_shell_is_printed(shell, tmp_path):
    done = bundlert("completion", shell, cwd=tmp_path)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert f"_BUNDLERT_COMPLETE={shell}_source bundlert" in done.stdout
    assert done.stderr.startswith("add this line to ~/")
