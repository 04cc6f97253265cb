import pytest

from bundlert.engines.outputs import from_engine

ONE = {"a": 1, "b": 2}
TWO = [ONE, {"a": 3, "b": 4}]


@pytest.mark.parametrize(
    ("keys", "data", "picked"),
    [
        (["a", "b"], ONE, (1, 2)),
        (["b"], ONE, (2,)),
        ("b", ONE, (2,)),
        (["a", "b"], TWO, ([1, 3], [2, 4])),
        ("b", TWO, [2, 4]),
        (("b",), TWO, [2, 4]),
    ],
)
def test_entries_are_picked_of_a_dict_or_of_each_in_a_list(keys, data, picked):
    assert from_engine(keys)(data) == picked


def test_of_a_list_the_first_alone_may_count():
    assert from_engine(["a", "b"], first=True)(TWO) == (1, 2)
    assert from_engine("a", first=True)(TWO) == 1


@pytest.mark.parametrize("data", [[], [1], "ab", None, 3])
def test_anything_else_is_refused(data):
    with pytest.raises(ValueError, match="data must be a dict or a list of dicts, got"):
        from_engine("a")(data)


def test_a_missing_entry_is_told_with_those_there_are():
    with pytest.raises(ValueError, match="data must have 'pred', got a, b"):
        from_engine(["a", "pred"])(TWO)
