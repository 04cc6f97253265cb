from config.toy import tree_of

from bundlert.config.merge import override, parse_override
from bundlert.config.origin import origins

TEXT = "a: 1\nb:\n  c: [1, 2]\n  d: {}\ne:\n- {_target_: T, x: 1}\n- 2\n- [3, [4]]\n"


def lines(root):
    return ["  " * row.depth + row.text for row in origins(root)]


def test_each_value_is_one_line_as_in_yaml():
    assert lines(tree_of(TEXT)) == [
        *("a: 1", "b:", "  c: [1, 2]", "  d: {}", "e:", "  - _target_: T", "    x: 1", "  - 2"),
        *("  - - 3", "    - [4]"),
    ]


def test_a_value_is_told_with_its_file_or_override():
    root = tree_of("a: 1\nb: {c: 2}\n")
    override(root, *parse_override("b::c=3"))
    assert [(row.text, row.mark and str(row.mark)) for row in origins(root)] == [
        *[("a: 1", "c.yaml:1:4"), ("b:", None), ("c: 3", "override 'b::c=3'")],
    ]


def test_a_scalar_alone_is_a_line():
    assert lines(tree_of("a: x").value["a"]) == ["x"]


def test_a_list_from_two_places_is_told_item_by_item():
    root = tree_of("a: [1, 2]\n")
    override(root, *parse_override("a::1=5"))
    assert lines(root) == ["a:", "  - 1", "  - 5"]
