import json
import shlex
import sys
from pathlib import Path

import pytest

from bundlert.bundle.session import Outcome
from bundlert.cli import run as run_command
from bundlert.cli.main import main


@pytest.fixture
def asked(monkeypatch, capsys):
    """Runs `bundlert run` with a session that only notes what it is asked for; gives request, code and stderr."""

    def run(*words, result=None):
        requests = []

        def run_entry(request):
            requests.append(request)
            return Outcome(Path("runs/a b"), result)

        monkeypatch.setattr(run_command, "run_entry", run_entry)
        monkeypatch.setattr(sys, "argv", ["bundlert", "run", "bundles/toy", "train", "--no-report", *words])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return requests[0], left.value.code, json.loads(out) if out else None, err

    return run


def test_words_become_a_request(asked):
    request, code, _, _ = asked("epochs=2", "--config", "more.yaml", "--runs", "there", "lr=[1, 2]")
    assert code == 0
    assert (request.bundle, request.entry, request.overrides) == (
        Path("bundles/toy"),
        "train",
        ("epochs=2", "lr=[1, 2]"),
    )
    assert (request.more, request.runs, request.resume, request.resumed_run) == (
        (Path("more.yaml"),), Path("there"), False, None
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "overrides", "named"),
    [
        (["--resume"], (), None),
        (["epochs=2", "--resume"], ("epochs=2",), None),
        (["--resume", "epochs=2", "lr=1"], ("epochs=2", "lr=1"), None),
        (["--resume", "runs/toy/x", "epochs=2"], ("epochs=2",), Path("runs/toy/x")),
        (["--resume=runs/toy/x"], (), Path("runs/toy/x")),
    ],
)
def test_a_run_to_resume_may_be_named_or_not(words, overrides, named, asked):
    request, *_ = asked(*words)
    assert (request.overrides, request.resume, request.resumed_run) == (overrides, True, named)


@pytest.mark.parametrize("resumed", [[], ["--resume"], ["--resume", "runs/toy/x"]])
def test_a_stopped_run_tells_a_command_that_goes_on_with_it(resumed, asked):
    words = ["epochs=2", "lr=[1, 2]", "--config", "more.yaml"]
    request, code, _, err = asked(*resumed, *words, result={"stopped": True})
    assert code == 130
    assert "run folder: runs/a b (stopped, checkpoint saved)\n" in err
    command = err.splitlines()[-1].removeprefix("go on with: ")
    assert command == "bundlert run bundles/toy train epochs=2 'lr=[1, 2]' --config more.yaml --resume 'runs/a b'"
    again, *_ = asked(*shlex.split(command)[4:])
    assert again == request._replace(resume=True, resumed_run=Path("runs/a b"))


def test_a_stopped_run_goes_on_with_the_same_trust_and_plugins(asked):
    request, _, _, err = asked("--trust", "--plugins", "one", "--plugins", "two", result={"stopped": True})
    assert (request.trust, request.plugins) == (True, ("one", "two"))
    assert "train --plugins one --plugins two --trust --resume" in err


def test_the_command_that_goes_on_shows_no_secret(asked):
    *_, err = asked("token=hunter2", "epochs=2", result={"stopped": True})
    assert "train 'token=***' epochs=2 --resume" in err
    assert "hunter2" not in err


def test_what_came_is_told_in_words_and_as_data(asked):
    result = {"dice": 0.91234, "best_dice": 0.95, "files": ["a.nii.gz"]}
    _, _, record, err = asked("--json", result=result)
    assert err == "dice: 0.9123\nbest dice: 0.9500\nwrote a.nii.gz\nrun folder: runs/a b\n"
    assert record == {"entry": "train", "folder": "runs/a b", "report": None, "result": result}


def test_a_result_that_is_no_plain_data_is_left_out(asked):
    assert asked("--json", result=object())[2]["result"] is None
