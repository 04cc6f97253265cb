from datetime import date

import yaml
from config.plain_data import DATA, TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.config.dump import dump
from bundlert.config.tree import Node, find, plain, planted
from bundlert.config.yaml_text import MAX_DEPTH, read_yaml
from bundlert.errors import Mark

AT = Mark("c.yaml", 1, 1)


@given(st.dictionaries(TEXTS, DATA, max_size=4))
@settings(max_examples=200, deadline=None)
def test_what_is_dumped_reads_back_the_same_here_and_elsewhere(data):
    text = dump(planted(data, AT))
    assert plain(read_yaml(text, "c.yaml")) == data
    assert yaml.safe_load(text) == data


def test_lists_of_scalars_stand_in_one_line_and_keys_keep_their_order():
    data = {"b": [1, None, True], "a": {"x": [[1], {}]}, "c": [], "d": "a: b", "e": date(2020, 1, 31), "f": 1e-10}
    assert dump(planted(data, AT)).splitlines() == [
        *("b: [1, null, true]", "a:", "  x:", "  - [1]", "  - {}", "c: []", "d: 'a: b'", "e: 2020-01-31", "f: 1.0e-10"),
    ]


def test_a_text_that_reads_as_something_else_is_put_in_quotes():
    words = ["1e-4", "null", "yes", "<<", "=", "12:30", "2020-02-31", "0x_", "", "@a", "%a", "$1", "é"]
    text = dump(planted(words, AT))
    assert text == ("['1e-4', 'null', 'yes', '<<', '=', '12:30', '2020-02-31', '0x_', '', '@a', '%a', $1, é]\n")
    assert plain(read_yaml(text, "c.yaml")) == words


def test_a_value_that_stands_at_two_places_is_written_twice():
    shared = planted({"x": 1}, AT)
    assert dump(Node({"a": shared, "b": shared}, AT)) == "a:\n  x: 1\nb:\n  x: 1\n"


def test_any_depth_can_be_dumped():
    node = Node(1, AT)
    for _ in range(MAX_DEPTH):
        node = Node([node], AT)
    assert find(read_yaml(dump(node), "c.yaml"), ("0",) * MAX_DEPTH).value == 1
