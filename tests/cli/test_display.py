import io
import re
import sys

import pytest
from bundle.toy import make_bundle
from cli.process import MODULE, bundlert, on_terminal

from bundlert.cli import display
from bundlert.cli.display import PlainDisplay, choose_display, worded
from bundlert.progress import Display, say, shown_by, task

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
WORK = """
from bundlert.cli.display import choose_display
from bundlert.progress import say, shown_by, task
with shown_by(choose_display(quiet=False)):
    say("[bold]before[/bold]")
    with task("training", total=3, unit="step") as bar:
        bar.advance(loss=0.5)
        with task("validation", total=2, unit="image") as inner:
            inner.advance(2)
        say("within: case_1 [0.5]")
        bar.advance(2, loss=0.25)
    say("after")
"""


def shown(work):
    """What a plain display writes while `work` runs."""
    stream = io.StringIO()
    with shown_by(PlainDisplay(stream)):
        work()
    return stream.getvalue()


def test_figures_are_worded_by_their_units():
    figures = {"loss": 0.31249, "dice": 1, "samples_per_s": 12.34, "memory_bytes": 1_234_000}
    assert worded(figures) == "loss 0.312  dice 1.000  12.3 samples/s  1.2 MB"
    assert worded({}) == ""


def test_a_pipe_gets_a_line_at_the_end_of_each_task():
    def work():
        say("before")
        with task("training", total=3, unit="step") as bar:
            bar.advance(loss=0.5)
            bar.advance(2, loss=0.25)
            bar.show(dice=0.9)

    first, line = shown(work).splitlines()
    assert first == "before"
    assert re.fullmatch(r"training 3/3 steps  loss 0\.250  dice 0\.900  \d+\.\d s", line)


def test_long_work_tells_in_between_how_long_it_will_take(monkeypatch):
    monkeypatch.setattr(display, "_LINE_EVERY_S", 0.0)

    def work():
        with task("training", total=4, unit="step", done=2) as bar:
            bar.advance()

    lines = shown(work).splitlines()
    assert re.fullmatch(r"training 3/4 steps  \d+\.\d s left", lines[0])
    assert re.fullmatch(r"training 3/4 steps  \d+\.\d s", lines[1])


def test_work_without_a_unit_is_only_counted():
    def work():
        with task("reading", total=2) as bar:
            bar.advance(2)

    assert re.fullmatch(r"reading 2/2  \d+\.\d s\n", shown(work))


def test_work_that_fails_has_no_last_line():
    def work():
        with task("training", total=2, unit="step"):
            raise KeyError

    stream = io.StringIO()
    with shown_by(PlainDisplay(stream)), pytest.raises(KeyError):
        work()
    assert stream.getvalue() == ""


def test_quiet_shows_nothing():
    stream = io.StringIO()
    chosen = choose_display(quiet=True, stream=stream)
    with shown_by(chosen), task("training", total=1) as bar:
        say("words")
        bar.advance(loss=1.0)
    assert type(chosen) is Display
    assert stream.getvalue() == ""


def test_a_pipe_is_sent_no_control_characters(tmp_path):
    make_bundle(tmp_path / "toy")
    done = bundlert("run", "toy", "sum", cwd=tmp_path)
    said = "sealed: no code of the bundle runs\n"
    assert done.stderr.startswith(said)
    assert re.fullmatch(
        r"run folder: runs/toy/\S+-sum\nreport: runs/toy/\S+-sum/report\.html\n", done.stderr.removeprefix(said)
    )
    assert done.stdout == ""


def test_a_quiet_run_says_nothing(tmp_path):
    make_bundle(tmp_path / "toy")
    done = bundlert("run", "toy", "sum", "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert on_terminal([*MODULE, "run", "toy", "sum", "-q"], cwd=tmp_path) == (0, "")


def test_a_terminal_shows_bars_that_move_and_words_above_them(tmp_path):
    code, sent = on_terminal([sys.executable, "-c", WORK], cwd=tmp_path)
    assert code == 0
    assert "\x1b[" in sent
    assert "━" in sent
    lines = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", sent)
    for words in ("[bold]before[/bold]", "within: case_1 [0.5]", "3/3 steps loss 0.250", "after"):
        assert words in lines
    assert sent.rindex("\x1b[?25h") > sent.rindex("\x1b[?25l")  # the cursor is back


def test_a_dumb_terminal_gets_plain_lines(tmp_path):
    code, sent = on_terminal([sys.executable, "-c", WORK], cwd=tmp_path, term="dumb")
    lines = sent.replace("\r\n", "\n")
    assert code == 0
    assert not CONTROL.search(lines)
    assert [line.split("  ")[0] for line in lines.splitlines()] == [
        "[bold]before[/bold]", "validation 2/2 images", "within: case_1 [0.5]", "training 3/3 steps", "after"
    ]  # fmt: skip
