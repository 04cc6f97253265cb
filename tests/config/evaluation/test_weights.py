import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bundlert.config.evaluation.error import ExpressionError
from bundlert.config.evaluation.weights import MAKERS, MAX_ITEMS, check_types, is_list, shape_of, spread, weight

NESTED = st.recursive(st.integers() | st.floats() | st.none(), lambda kids: st.lists(kids) | st.tuples(kids, kids))


def leaves(value):
    return sum(map(leaves, value)) if isinstance(value, list | tuple) else 1


@given(NESTED)
def test_no_leaf_is_forgotten(value):
    assert leaves(value) <= weight([value]) <= 15 * len(repr(value))


@given(NESTED)
def test_what_is_held_twice_counts_twice(value):
    once, twice = weight([[value, "a"]]), weight([[value, value, "a"]])
    assert twice - once == weight([value]) + 1


def test_it_ends_where_there_is_no_end():
    inside = [1]
    inside.extend([inside] * 5)
    assert weight([inside]) > MAX_ITEMS
    assert weight([[[0] * 10**6] * 10]) > MAX_ITEMS


@pytest.mark.parametrize("made", [np.zeros((3, 4)), torch.zeros(3, 4)])
def test_arrays_count_by_their_shape(made):
    assert (shape_of(made), weight([made]), shape_of([made])) == ((3, 4), 13, None)
    assert spread(made, made[:, :1]) == spread(made, 2) == 12
    assert spread(made[:, :1], made[:1]) == 12
    assert is_list(made)
    assert not is_list(3)


@pytest.mark.parametrize(
    ("name", "arguments", "named"),
    [
        ("zeros", [(3, 4)], {}),
        ("zeros", [], {"shape": (3, 4)}),
        ("rand", [3, 4], {}),
        ("arange", [12], {}),
        ("arange", [3, 27, 2], {}),
        ("linspace", [0, 1, 4], {}),
    ],
)
def test_what_a_function_makes_is_known_before(name, arguments, named):
    made = getattr(torch if name == "rand" else np, name)(*arguments, **named)
    size = math.prod(made.shape)
    assert size <= MAKERS[name](arguments, named) <= 4 * size


@pytest.mark.parametrize("kind", ["V100", "S8", b"f", [("a", "f4")]])
def test_only_numbers_are_made(kind):
    check_types(["float32", int, "int64"], {"dtype": "uint8"})
    with pytest.raises(ExpressionError, match="must hold numbers"):
        check_types([kind], {})
    with pytest.raises(ExpressionError, match="must hold numbers"):
        check_types([], {"dtype": kind})
