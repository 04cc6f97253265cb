import pytest
from config.toy import REGISTRY, told, tree_of

from bundlert.config.calls import mapping_problems
from bundlert.registry.index import Component
from bundlert.registry.registry import Registry


def problems(text, registry=REGISTRY):
    root = tree_of(text)
    return [str(one) for one in mapping_problems(root, ("a",), root.value["a"], registry)]


@pytest.mark.parametrize("key", ["_target", "_targt_", "target", "Target"])
def test_a_key_that_was_meant_to_be_the_target_is_told(key):
    value = "positive" if "arget" in key and "_" not in key else "anything"
    assert problems(f"a: {{{key}: {value}, width: 1}}\n") == [
        f"'{key}' calls nothing\n  at: c.yaml:1:5 (a::{key})\n  try: did you mean '_target_'?"
    ]


@pytest.mark.parametrize("text", ["a: {target: image}", "a: {_mean_: 1}", "a: {}", "a: {_target_: '@b'}"])
def test_a_plain_mapping_is_none(text):
    assert problems(text) == []


@pytest.mark.parametrize("target", ["'@b'", "$'posi' + 'tive'", "\"$'posi' + @c\""])
def test_a_target_that_shows_is_looked_at_as_if_it_were_written(target):
    text = f"a:\n  _target_: {target}\n  width: 1\nb: positive\nc: tive\n"
    assert problems(text) == []
    (words,) = problems(text.replace("width", "depth"))
    assert words.startswith("toy 'positive' takes no argument 'depth'\n  at: c.yaml:3:3 (a::depth)")
    (words,) = problems(text.replace("tive", "tron"))
    assert words.startswith("there is no component called 'positron'\n  at: c.yaml:2:13 (a::_target_)")


@pytest.mark.parametrize("target", ["[os, system]", "5", "null", "{b: 1}", "'$lambda: 1'", "$[1]", "$5", "'${1: 2}'"])
def test_a_target_that_is_no_component_is_told(target):
    assert problems(f"a:\n  _target_: {target}\n") == [
        "'_target_' must name a component\n  at: c.yaml:2:13 (a::_target_)"
    ]


@pytest.mark.parametrize("target", ["'@b'", "$@b.c", "'???'", "'@c'", "$print", "{_target_: same}", "$@b(1)", "$)"])
def test_a_target_that_does_not_show_is_left_to_the_building(target):
    assert problems(f"a:\n  _target_: {target}\nb: $same\nc: ???\n") == []


def test_positional_arguments_fill_the_first_ones():
    assert problems("a: {_target_: positive, _args_: [1]}") == []
    assert problems("a: {_target_: positive, _args_: '$[1]'}") == []
    assert problems("a: {_target_: positive, _args_: []}")[0].startswith("toy 'positive' needs 'width'")


def test_a_mode_that_there_is_not_is_told():
    assert problems("a: {_target_: nothing, _mode_: calable}") == [
        "there is no mode 'calable'\n  at: c.yaml:1:32 (a)\n  expected: default, callable or debug\n"
        "  try: did you mean 'callable'?"
    ]
    assert problems("a: {_target_: nothing, _mode_: '@m'}") == []


def test_other_names_of_arguments_are_known():
    registry = Registry([Component("toy", "positive", "config.toy", "", (("breadth", "width"),))])
    assert problems("a: {_target_: positive, breadth: 1}", registry) == []
    assert problems("a: {_target_: positive, breadth: 1, width: 2}", registry) == [
        "toy 'positive' is given 'width' twice\n  at: c.yaml:1:4 (a)\n  got: breadth and width\n"
        "  try: leave one of them out"
    ]
    assert problems("a: {_target_: positive, breadht: 1}", registry)[0].endswith("try: did you mean 'breadth'?")


def test_a_misspelt_argument_is_not_missing_too():
    assert [words.splitlines()[0] for words in told("a: {_target_: positive, widht: 1}")] == [
        "toy 'positive' takes no argument 'widht'"
    ]
