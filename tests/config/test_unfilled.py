import pytest
from config.toy import tree_of

from bundlert.config.unfilled import unfilled


def told(text, *names):
    return [str(one) for one in unfilled(tree_of(text.replace("???", "'???'")), names or ("run",))]


def test_a_placeholder_is_told_as_it_would_be_when_it_is_built():
    assert told("image: ???\nrun: ['@image']\n") == [
        "'image' needs a value\n  at: c.yaml:1:8 (image)\n  try: give it: image=..."
    ]


@pytest.mark.parametrize(
    "text",
    [
        "run: [???]",
        "a: ???\nrun: ['$@a + 1']",
        "a: ???\nb: '@a'\nc: '$len(@b)'\nrun: ['$print(@c)']",
        "a: {_target_: Pair, left: [1, {x: ???}]}\nrun: ['$@a.total()']",
        "a: {_target_: ???}\nrun: ['@a']",
        "a: {_target_: Pair, _requires_: ???}\nrun: ['@a']",
        "a: {_target_: Pair, _disabled_: ???}\nrun: ['@a']",
        "a: {_target_: Pair, _disabled_: false, left: ???}\nrun: ['@a']",
        "a: {_target_: Pair, _disabled_: 'no', left: ???}\nrun: ['@a']",
        "a: {b: 1, c: ???}\nrun: ['@a::c']",
        "a: {_target_: Pair, left: ???}\nrun: ['@a::right']",
        "a: ???\nrun: ['$@a if @a else 1']",
    ],
)
def test_what_a_run_comes_to_in_any_case_is_told(text):
    assert len(told(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "a: ???\nrun: ['$1']",
        "a: ???\nb: 1\nrun: ['$@a if @b else 1']",
        "a: ???\nrun: ['$lambda: @a']",
        "a: {_target_: Pair, _disabled_: true, left: ???}\nrun: ['@a']",
        "a: {_target_: Pair, _disabled_: '$1 > 0', left: ???}\nrun: ['@a']",
        "a: {_target_: Pair, _desc_: ???}\nrun: ['@a']",
        "a: {b: 1, c: ???}\nrun: ['@a::b']",
        "a: {_target_: Pair, left: 1, right: ???}\nrun: ['@a::left']",
        "run: ['@nothing', '$(']",
        "a: '@b'\nb: '@a'\nrun: ['@a']",
        "run: '$1'",
        "a: ???",
    ],
)
def test_what_a_run_may_do_without_is_not(text):
    assert told(text) == []


def test_each_is_told_once_in_the_order_of_the_run():
    text = "a: ???\nb: ???\nrun: ['@b', '@a', '$@a + @b']\ninitialize: ['@a']\n"
    assert [words.splitlines()[0] for words in told(text, "initialize", "run", "finalize")] == [
        "'a' needs a value",
        "'b' needs a value",
    ]


def test_a_long_chain_is_no_matter():
    text = "".join(f"a{index}: '@a{index + 1}'\n" for index in range(3000)) + "a3000: ???\nrun: ['@a0']\n"
    assert len(told(text)) == 1
