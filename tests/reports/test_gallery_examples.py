import pytest
import yaml

from bundlert.registry.registry import standard
from bundlert.reports.gallery_examples import examples

each_example = pytest.mark.parametrize("example", examples().values(), ids=lambda one: one.name)


@each_example
def test_an_example_builds_what_it_is_named_after(example):
    component = standard().find(example.name)
    assert type(example.built()).__name__ == component.name


@each_example
def test_both_texts_of_an_example_are_the_same_config(example):
    first, second = yaml.safe_load(example.config), yaml.safe_load(example.in_line)
    assert first == second
    assert first["_target_"] == example.name
