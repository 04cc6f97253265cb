"""What every component promises, of whatever kind."""

import inspect
import re
from inspect import Parameter

import pytest
from contracts.examples import EXAMPLES, components

from bundlert.config.introspection.signatures import exists, signature_of
from bundlert.registry.registry import load, standard

each_component = pytest.mark.parametrize("component", components(), ids=lambda one: one.name)


def documented(text):
    """The names in the Args section of a docstring, in order."""
    section = re.search(r"^Args:\n((?:    .*\n?|\n)+)", text, re.MULTILINE)
    return re.findall(r"^    (\w+):", section[1], re.MULTILINE) if section else []


def test_an_args_section_is_read_to_its_end():
    text = "Do it.\n\nArgs:\n    one: First,\n        note: continued.\n    two: Second.\n\nReturns:\n    three: no\n"
    assert documented(text) == ["one", "two"]
    assert documented("Nothing to give.\n\nRaises:\n    ValueError: never\n") == []


@each_component
def test_the_index_leads_to_a_class_or_function_of_that_name(component):
    found = load(component)
    assert found.__name__ == component.name
    assert found.__module__ == component.module
    assert inspect.isclass(found) or inspect.isfunction(found)
    assert standard().find(component.name) is component
    assert exists(component)


@each_component
def test_the_docstring_begins_with_one_sentence_and_tells_each_argument(component):
    found = load(component)
    first, *rest = inspect.cleandoc(found.__doc__).split("\n")
    assert re.search(r"[.:]$", first)
    assert not rest or not rest[0]
    assert documented(inspect.cleandoc(found.__doc__)) == list(inspect.signature(found).parameters)


@each_component
def test_the_index_says_what_it_is_for_in_one_line(component):
    assert re.fullmatch(r"\S.{8,70}[^.\s]", component.summary)


@each_component
def test_every_argument_has_a_type(component):
    found = load(component)
    parameters = inspect.signature(found).parameters.values()
    assert [one.name for one in parameters if one.annotation is Parameter.empty] == []


@each_component
def test_the_signature_read_without_importing_is_the_real_one(component):
    static = signature_of(component)
    real = inspect.signature(load(component)).parameters.values()
    named = [one for one in real if one.kind not in (Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL)]
    assert static.names == [one.name for one in named]
    assert static.required == [one.name for one in named if one.default is Parameter.empty]
    assert static.open == any(one.kind is Parameter.VAR_KEYWORD for one in real)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_each_component_has_an_example_to_be_tried_with(kind):
    assert set(EXAMPLES[kind]) == {one.name for one in components(kind)}
