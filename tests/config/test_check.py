import sys

import pytest
from config.toy import REGISTRY, told, tree_of

from bundlert.config.check import find_problems, walk
from bundlert.config.tree import joined
from bundlert.registry.index import Component
from bundlert.registry.registry import Registry


@pytest.mark.parametrize(
    "text",
    [
        "a: {_target_: Pair, left: '@b'}\nb: 1\nc: '@a::left'\n",
        "a: ???\nb: '@a'\n",
        "a: {_target_: logged, tag: 1, anything: 2}\n",
        "a: {_target_: positive, _mode_: callable}\n",
        "a: {_target_: Pear, _disabled_: true, b: '@nothing'}\n",
        "a: {_target_: Pear, _disabled_: 1}\n",
        "a: {_target_: '$Pair'}\nb: {_target_: same, value: 1, _desc_: '$('}\n",
        "a: {b: '@a::c', c: 1}\n",
        "a: user@host\nb: '@a-b'\nc: 100%\n",
        "a: $dict(k=1)\nb: '@a::k'\n",
        "a: {_target_: torch.nn.Conv2d, in_channels: 1, out_channels: 2, kernel_size: 3}\n",
    ],
)
def test_what_is_right_has_no_problems(text):
    assert told(text) == []


MISTAKES = {
    "a: {_target_: Pear}\n": "there is no component called 'Pear'\n  at: c.yaml:1:15 (a::_target_)\n"
    "  try: did you mean 'Pair'?",
    "a:\n  _target_: positive\n  widht: 2\n": "toy 'positive' takes no argument 'widht'\n  at: c.yaml:3:3 (a::widht)\n"
    "  try: did you mean 'width'?",
    "a: {_target_: positive, height: 2}\n": "toy 'positive' needs 'width'\n  at: c.yaml:1:5 (a)\n  got: only height\n"
    "  try: add `width: ...`",
    "a: {_target_: Pair, zzz: 2}\n": "toy 'Pair' takes no argument 'zzz'\n  at: c.yaml:1:21 (a::zzz)\n"
    "  expected: one of left, right",
    "a: {_target_: torch.nn.Conv2}\n": "'torch.nn' has nothing called 'Conv2'\n  at: c.yaml:1:15 (a::_target_)\n"
    "  try: did you mean 'Conv2d'?",
    "net: 1\na: '@nett'\n": "the reference '@nett' leads nowhere\n  at: c.yaml:2:4 (a)\n  try: did you mean 'net'?",
    "a: '$(1'\n": "not an expression: '(' was never closed\n  at: c.yaml:1:4 (a)\n  got: $(1\n  try: 1 ')' is missing",
    "a: '$(x := 1)'\n": "an assignment (:=) can't be used in an expression\n  at: c.yaml:1:4 (a)\n  got: $(x := 1)\n"
    "  try: use a component for what needs code",
    "a: '@::::b'\n": "the relative id '::::b' climbs 2 levels\n  at: c.yaml:1:4 (a)\n  got: 1 above it",
    "t::epochs: 3\n": "there is no 't' to set 't::epochs' in\n  at: c.yaml:1:1 (t::epochs)",
    "+h: [3]\n": "there is no 'h' to join '+h' to\n  at: c.yaml:1:1 (+h)",
    "a: '@b'\nb: {k: $@c + 1}\nc: ['@a']\n": "references form a circle\n  at: c.yaml:1:4 (a)\n"
    "  got: a -> b::k -> c::0 -> a",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_seen_before_anything_is_built(text):
    assert told(text) == [MISTAKES[text]]


def test_all_mistakes_are_told_in_the_order_of_the_file():
    text = "a: '@no'\nb: {_target_: Pear, x: '$('}\nc: {_target_: positive, hight: 1, deep: 2}\n"
    assert [words.splitlines()[0] for words in told(text)] == [
        *("the reference '@no' leads nowhere", "there is no component called 'Pear'"),
        *("not an expression: '(' was never closed", "toy 'positive' takes no argument 'hight'"),
        *("toy 'positive' takes no argument 'deep'", "toy 'positive' needs 'width'"),
    ]


def test_what_nobody_refers_to_is_checked_too():
    assert told("a: $__import__('os').system('touch x')\n") == [
        "the private name '__import__' can't be used in an expression\n  at: c.yaml:1:4 (a)\n"
        "  got: $__import__('os').system('touch x')"
    ]


def test_checking_imports_no_component():
    registry = Registry([*REGISTRY, Component("toy", "never", "config.never_imported", "")])
    assert find_problems(tree_of("a: {_target_: never, x: $never(1)}\n"), registry) == []
    assert "config.never_imported" not in sys.modules


def test_a_walk_goes_in_the_order_of_the_file_and_leaves_out_what_is_off():
    root = tree_of("a: {b: [1, 2]}\nc: {_target_: x, _disabled_: true, d: 1}\ne: {_desc_: x, f: 2}\n")
    assert [joined(path) for path, _ in walk(root)] == ["", "a", "a::b", "a::b::0", "a::b::1", "e", "e::f"]


def test_long_chains_and_long_circles_need_no_recursion():
    lines = [f"a{index}: '@a{index + 1}'" for index in range(10_000)]
    assert told("\n".join([*lines, "a10000: 7"])) == []
    (words,) = told("\n".join([*lines, "a10000: '@a0'"]))
    assert words.endswith(
        "got: a0 -> a1 -> a2 -> a3 -> a4 -> a5 -> ... 9990 more ... -> a9996 -> a9997 -> a9998 -> a9999 -> a10000 -> a0"
    )


def test_an_import_that_a_reference_leads_to_is_made():
    (words,) = told("imports: [$import subprocess]\nrun: ['@imports']\n")
    assert words.startswith("'subprocess' isn't listed for expressions\n  at: c.yaml:1:11 (imports::0)")
    assert len(told("i: $import subprocess\na: '@i'\n")) == 1


def test_an_import_in_what_is_disabled_binds_its_name():
    assert told("a: {_target_: Pair, _disabled_: true, left: $import json}\nx: \"$json.loads('3')\"\n") == []


def test_a_private_step_of_a_reference_is_told():
    (words,) = told("a: {_target_: Pair}\nb: '@a::__class__'\n")
    assert words.startswith("the private name '__class__' can't be used in a reference\n  at: c.yaml:2:4 (b)")
