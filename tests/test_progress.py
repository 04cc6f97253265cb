from contextlib import contextmanager
from contextvars import copy_context

import pytest

from bundlert.progress import Display, Task, say, shown_by, task


class Notes(Display):
    """Notes everything that it is told."""

    def __init__(self):
        self.told = []

    @contextmanager
    def task(self, what, *, total, unit, done):
        self.told.append((what, total, unit, done))
        yield Task()
        self.told.append("end")

    def say(self, text):
        self.told.append(text)


def test_by_default_nothing_is_shown(capsys):
    say("words")
    with task("work", total=2, unit="step", done=1) as bar:
        bar.advance(loss=1.0)
        bar.show(dice=0.5)
    assert capsys.readouterr() == ("", "")


def test_all_inside_the_block_is_shown_by_the_display():
    notes = Notes()
    with shown_by(notes):
        say("words")
        with task("work", total=2):
            say("within")
    say("unheard")
    assert notes.told == ["words", ("work", 2, "", 0), "within", "end"]


def test_displays_nest_and_the_outer_one_comes_back():
    outer, inner = Notes(), Notes()
    with shown_by(outer):
        with shown_by(inner):
            say("in")
        say("out")
    assert (outer.told, inner.told) == (["out"], ["in"])


def test_the_outer_display_comes_back_after_an_error():
    notes = Notes()
    with pytest.raises(KeyError), shown_by(notes):
        raise KeyError
    say("unheard")
    assert notes.told == []


def test_another_context_has_a_display_of_its_own():
    notes = Notes()
    context = copy_context()
    with shown_by(notes):
        context.run(say, "unheard")
    assert notes.told == []
