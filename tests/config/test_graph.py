import pytest
from config.toy import REGISTRY, tree_of

from bundlert.config.graph import Vertex, cut, graph_of
from bundlert.errors import ConfigError

TEXT = """
lr: 0.1
unused: 3
group: {net: {_target_: Pair, left: '@lr'}, width: 7}
pair: {_target_: Pair, left: '@group::net', right: {_target_: logged, tag: '$@group::width + 1'}}
run: ['$@pair.total()']
"""


def test_things_with_an_id_and_what_they_need():
    graph = graph_of(tree_of(TEXT), REGISTRY)
    assert graph.vertices == {
        "lr": Vertex("lr", "value", "0.1"),
        "group::net": Vertex("group::net", "toy", "Pair"),
        "group::width": Vertex("group::width", "value", "7"),
        "pair": Vertex("pair", "toy", "Pair"),
        "run": Vertex("run", "run", "$@pair.total()"),
    }
    assert sorted(graph.needs) == [
        *[("group::net", "lr"), ("pair", "group::net"), ("pair", "group::width"), ("run", "pair")],
    ]


def test_a_part_is_drawn_with_what_it_needs():
    assert list(graph_of(tree_of(TEXT), REGISTRY, "group").vertices) == ["lr", "group::net", "group::width"]
    assert list(graph_of(tree_of(TEXT), REGISTRY, "unused").vertices) == ["unused"]


def test_a_component_in_another_has_a_box_if_something_refers_to_it():
    text = "pair: {_target_: Pair, left: {_target_: logged, tag: 1}}\nrun: ['@pair::left']\n"
    assert graph_of(tree_of(text), REGISTRY).needs == [
        ("run", "pair::left"),
    ]
    text = text.replace("run: [", "run: ['@pair', ")
    assert ("pair", "pair::left") in graph_of(tree_of(text), REGISTRY).needs


def test_an_unknown_part_is_told():
    with pytest.raises(ConfigError, match="the config has no 'pear'"):
        graph_of(tree_of(TEXT), REGISTRY, "pear")


def test_what_leads_nowhere_or_has_no_component_is_drawn_all_the_same():
    graph = graph_of(tree_of("a: {_target_: Pear, x: '@no'}\nrun: ['@a']\n"), REGISTRY)
    assert graph.vertices["a"] == Vertex("a", "expression", "Pear")


def test_long_values_are_cut():
    assert cut("x  y\n" + "z" * 50) == "x y " + "z" * 29 + "…"
