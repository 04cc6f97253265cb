from config.toy import REGISTRY, tree_of

from bundlert.config.check import find_problems
from bundlert.config.circles import MAX_TOLD


def told(text):
    return [one.got for one in find_problems(tree_of(text), REGISTRY) if one.rule == "circular-reference"]


def test_every_circle_is_told_whole():
    text = "a: '@b'\nb: '@a'\nc: '$@d + 1'\nd: {e: ['@c']}\nf: '@a'\n"
    assert told(text) == ["a -> b -> a", "c -> d::e::0 -> c"]


def test_circles_that_share_a_value_are_two():
    assert told("a: '$@b + @c'\nb: '@a'\nc: '@a'\n") == ["a -> b -> a", "a -> c -> a"]


def test_a_value_may_need_itself():
    assert told("a: '$@a + 1'\n") == ["a -> a"]


def test_what_leads_nowhere_hides_no_circle():
    assert told("a: '$@b + @no'\nb: '@a'\n") == ["a -> b -> a"]


def test_so_many_are_told_and_no_more():
    text = "".join(f"a{index}: '@b{index}'\nb{index}: '@a{index}'\n" for index in range(MAX_TOLD + 5))
    assert len(told(text)) == MAX_TOLD
