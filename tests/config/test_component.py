import sys

import pytest
from config.toy import REGISTRY, built, tree_of

from bundlert import progress
from bundlert.config.build import Builder
from bundlert.config.component import is_off
from bundlert.errors import ComponentError, ConfigError
from bundlert.registry.index import Component


class _Lines(progress.Display):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)


@pytest.mark.parametrize("value", [True, 1, "true", " YES ", "on", "1", [0]])
def test_words_that_mean_yes_disable(value):
    assert is_off(value, ("x",), tree_of("_disabled_: 1"))


@pytest.mark.parametrize("value", [False, 0, None, "false", "No", "off", "0", "none", "", []])
def test_words_that_mean_no_do_not(value):
    assert not is_off(value, ("x",), tree_of("_disabled_: 1"))


def test_another_word_is_a_mistake():
    with pytest.raises(ConfigError) as caught:
        built("x: {_target_: same, _disabled_: perhaps}", "x")
    assert str(caught.value) == ("'_disabled_' is true or false\n  at: c.yaml:1:33 (x::_disabled_)\n  got: 'perhaps'")


def test_without_a_terminal_the_mode_debug_is_told_and_left_out():
    display = _Lines()
    with progress.shown_by(display):
        assert built("x: {_target_: positive, _mode_: debug, width: 2}", "x") == 2
    assert display.lines == ["'x' isn't debugged: there is no terminal"]


def test_at_a_terminal_the_mode_debug_calls_the_debugger(monkeypatch):
    seen = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("pdb.runcall", lambda function, **named: seen.append((function.__name__, named)))
    built("x: {_target_: positive, _mode_: debug, width: 2}", "x")
    assert seen == [("positive", {"width": 2})]


def test_a_partial_call_of_a_component_is_one_too():
    text = "p: {_target_: positive, _mode_: callable, _args_: [2]}\nx: {_target_: '@p', height: 4}\n"
    assert built(text, "x") == 8


def test_a_partial_call_of_anything_else_is_none():
    with pytest.raises(ComponentError, match="'_target_' must name a component"):
        built("i: $import functools\nx: {_target_: $functools.partial(print)}\n", "x")


def test_arguments_that_the_field_calls_otherwise_are_translated():
    registry = REGISTRY.extended([Component("toy", "wide", "config.toy", "for tests", (("w", "width"),))])
    builder = Builder(
        tree_of("x: {_target_: wide, w: 3}\ny: $wide(w=4)\nz: {_target_: wide, w: 1, width: 2}"), registry
    )
    assert (builder.get("x"), builder.get("y")) == (3, 4)
    with pytest.raises(ComponentError, match=r"toy 'wide' is given 'width' twice\n(.*\n)?  at: c.yaml:3:4"):
        builder.get("z")


@pytest.mark.parametrize("target", ["math.hypot", "$math.hypot", "'@f'"])
def test_trusted_code_may_build_anything(target):
    builder = Builder(tree_of(f"f: $math.hypot\nx: {{_target_: {target}, _args_: [3, 4]}}"), REGISTRY.trusted())
    assert builder.get("x") == 5
