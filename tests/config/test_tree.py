import pytest

from bundlert.config.tree import Node, copied, every, find, is_component, joined, plain, planted, split
from bundlert.errors import Mark

AT = Mark("c.yaml", 1, 1)


@pytest.mark.parametrize(
    ("config_id", "path"),
    [("", ()), ("a", ("a",)), ("a::b::0", ("a", "b", "0")), ("a#b", ("a", "b")), ("a::b#c", ("a", "b", "c"))],
)
def test_an_id_is_split_at_either_separator(config_id, path):
    assert split(config_id) == path
    assert split(joined(path)) == path


def test_a_child_is_found_by_key_or_index():
    root = planted({"a": [10, 20], 3: "three", True: "yes"}, AT)
    assert find(root, ("a", "1")).value == 20
    assert find(root, ("a", "-2")).value == 10
    assert find(root, ("3",)).value == "three"
    assert find(root, ("True",)).value == "yes"


@pytest.mark.parametrize(
    "path", [("a", "2"), ("a", "-3"), ("a", "-"), ("a", "x"), ("b",), ("a", "0", "0"), ("a", "9" * 5000)]
)
def test_what_is_not_there_is_none(path):
    assert find(planted({"a": [10, 20]}, AT), path) is None


def test_a_copy_shares_no_container():
    root = planted({"a": [{"b": 1}]}, AT)
    other = copied(root)
    find(other, ("a", "0")).value["b"].value = 2
    other.value["c"] = Node(3, AT)
    assert (plain(root), plain(other)) == ({"a": [{"b": 1}]}, {"a": [{"b": 2}], "c": 3})
    assert find(other, ("a",)).mark == AT


def test_plain_values_keep_their_order_and_go_any_depth():
    assert list(plain(planted({"b": 1, "a": 2}, AT))) == ["b", "a"]
    node = Node(1, AT)
    for _ in range(20_000):
        node = Node([node], AT)
    value = plain(copied(node))
    for _ in range(20_000):
        (value,) = value
    assert value == 1


def test_a_component_is_a_mapping_with_a_target():
    assert is_component(planted({"_target_": None}, AT))
    assert not is_component(planted({"target": "x"}, AT))
    assert not is_component(planted(["_target_"], AT))
    assert repr(planted({"a": [1]}, AT)) == "Node({'a': [1]}, c.yaml:1:1)"


def test_every_node_is_met_once_with_its_path():
    root = planted({"a": [1, {"b": 2}], "_disabled_": True}, Mark("c.yaml"))
    met = [path for path, _ in every(root, ("top",))]
    expected = [(), ("a",), ("a", "0"), ("a", "1"), ("a", "1", "b"), ("_disabled_",)]
    assert sorted(met) == sorted(("top", *path) for path in expected)
