from itertools import count

from bundlert.data.first import first


def test_the_first_of_anything_that_can_be_gone_through():
    assert first([3, 4]) == 3
    assert first({"a": 1}) == "a"
    assert first(count(7)) == 7


def test_of_nothing_it_is_the_default():
    assert first([]) is None
    assert first((), default=5) == 5
