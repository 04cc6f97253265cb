import pytest
from config.toy import tree_of

from bundlert.config.check import find_problems
from bundlert.registry.registry import standard

UNET = "a: {_target_: UNet, spatial_dims: 2, in_channels: 1, out_channels: 1, channels: [4, 8], strides: [2], X}\n"


def told(argument, more=""):
    root = tree_of(UNET.replace("X", argument) + more)
    return [str(one) for one in find_problems(root, standard())]


MISTAKES = {
    "bias: 'no'": "'bias'\n  at: c.yaml:1:109 (a::bias)\n  got: the text 'no'\n  expected: true or false\n"
    "  try: remove the quotes: no",
    "dropout: high": "'dropout'\n  at: c.yaml:1:112 (a::dropout)\n  got: the text 'high'\n  expected: a number",
    "kernel_size: [3]": "'kernel_size'\n  at: c.yaml:1:116 (a::kernel_size)\n  got: [3]\n  expected: a whole number\n"
    "  try: without brackets: 3",
    "kernel_size: {a: 1}": "'kernel_size'\n  at: c.yaml:1:116 (a::kernel_size)\n  got: a mapping\n"
    "  expected: a whole number",
    "kernel_size: null": "'kernel_size'\n  at: c.yaml:1:116 (a::kernel_size)\n  got: null\n  expected: a whole number",
    "kernel_size: '@a-b'": "'kernel_size'\n  at: c.yaml:1:116 (a::kernel_size)\n  got: the text '@a-b'\n"
    "  expected: a whole number\n  try: an id that is referred to has letters, digits and _ only: rename it",
    "kernel_size: '@a:b'": "'kernel_size'\n  at: c.yaml:1:116 (a::kernel_size)\n  got: the text '@a:b'\n"
    "  expected: a whole number\n  try: steps are separated by two colons: @a::b",
    "kernel_size: '@a + 1'": "'kernel_size'\n  at: c.yaml:1:116 (a::kernel_size)\n  got: the text '@a + 1'\n"
    '  expected: a whole number\n  try: for an expression put $ before it: "$@a + 1"',
}


@pytest.mark.parametrize("argument", MISTAKES)
def test_a_value_of_another_kind_is_told(argument):
    assert told(argument) == [f"network 'UNet' can't take this {MISTAKES[argument]}"]


def test_a_reference_to_a_plain_value_is_judged_where_the_value_stands():
    assert told("dropout: '@b'", "b: high\n") == [
        "network 'UNet' can't take this 'dropout'\n  at: c.yaml:2:4 (b)\n  got: the text 'high'\n"
        "  expected: a number for a::dropout"
    ]
    assert told("dropout: '@b'", "b: 0.5\n") == []
    assert told("dropout: '@b'", "b: $0.5\n") == []


def test_the_item_that_is_wrong_is_named():
    text = UNET.replace("[4, 8]", "[4, 8.5]").replace(", X", "")
    (words,) = [str(one) for one in find_problems(tree_of(text), standard())]
    assert words.endswith("(a::channels::1)\n  got: 8.5\n  expected: a whole number")


def test_a_text_for_a_choice_is_told_with_the_nearest():
    text = "a: {_target_: torch.nn.Conv1d, in_channels: 1, out_channels: 1, kernel_size: 1, padding_mode: zero}\n"
    (problem,) = find_problems(tree_of(text), standard())
    assert (problem.rule, problem.hint) == ("wrong-choice", "did you mean 'zeros'?")
