import math
import re
from datetime import date

import pytest
import yaml
from config.plain_data import DATA
from hypothesis import given, settings

from bundlert.config.tree import find, plain
from bundlert.config.yaml_text import MAX_DEPTH, read_yaml
from bundlert.errors import ConfigError


def values(text):
    return plain(read_yaml(text, "c.yaml"))


@given(DATA)
@settings(max_examples=150, deadline=None)
def test_whatever_yaml_dumps_is_read_as_yaml_reads_it(data):
    text = yaml.safe_dump(data, allow_unicode=True)
    if not re.search(r"\d[eE][-+]?\d", text):  # the dumper leaves such a text unquoted, here it is a number
        assert values(text) == yaml.safe_load(text)


@pytest.mark.parametrize(
    "text",
    ["yes", "off", "010", "0x1F", "1_000", "+1", "1.5e+3", ".5", "-.inf", "~", "", "2020-01-31", "'1'", '"\\n"', "a b"],
)
def test_words_are_read_as_in_yaml_1_1(text):
    assert values(f"a: {text}") == yaml.safe_load(f"a: {text}")


@pytest.mark.parametrize(("text", "value"), [("1e-4", 1e-4), ("-2E3", -2000.0), ("1e+2", 100.0)])
def test_an_exponent_without_a_point_is_a_number(text, value):
    assert values(f"a: {text}") == {"a": value}


@pytest.mark.parametrize("text", ["12:30:45", "1:30.5", "-1:00"])
def test_a_time_of_day_is_a_text(text):
    assert values(f"a: {text}") == {"a": text}


def test_other_scalars():
    assert math.isnan(values("a: .nan")["a"])
    assert values("a: 2020-01-31") == {"a": date(2020, 1, 31)}
    assert values("2: a\ntrue: b\n") == {2: "a", True: "b"}
    assert values("a: |\n  x\n  y\n") == {"a": "x\ny\n"}


@pytest.mark.parametrize("text", ["", "# only words\n", "---\n"])
def test_an_empty_text_is_none(text):
    assert values(text) is None


def test_every_value_and_key_knows_its_place():
    root = read_yaml("a:\n  b: [1, x]\n", "c.yaml")
    assert str(find(root, ("a", "b", "1")).mark) == "c.yaml:2:10"
    assert str(find(root, ("a", "b")).mark) == "c.yaml:2:6"
    assert str(find(root, ("a", "b")).key_mark) == "c.yaml:2:3"


def test_an_alias_is_a_copy_that_can_be_changed_alone():
    root = read_yaml("a: &x {k: [1]}\nb: *x\n", "c.yaml")
    find(root, ("b", "k", "0")).value = 2
    assert plain(root) == {"a": {"k": [1]}, "b": {"k": [2]}}


def test_a_merge_key_fills_in_what_the_mapping_does_not_say():
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {y: 5, <<: [*a, *b]}\n"
    assert values(text)["c"] == {"x": 1, "y": 5, "z": 4}
    assert values("a: &a {x: 1}\nb:\n  <<: *a\n  y: 2\n") == yaml.safe_load("a: &a {x: 1}\nb:\n  <<: *a\n  y: 2\n")


def test_a_merge_key_in_quotes_is_a_key():
    assert values("'<<': 1\na: <<\n") == {"<<": 1, "a": "<<"}


MISTAKES = {
    "a: 1\nb: 2\na: 3\n": "the key 'a' is written twice\n  at: c.yaml:3:1\n  got: first at c.yaml:1:1\n  try: keep one",
    "1: a\n'1': b\n": "the key '1' is written twice\n  at: c.yaml:2:1\n  got: first at c.yaml:1:1\n  try: keep one",
    "a: !!python/object/apply:os.system [ls]\n": "the YAML tag 'tag:yaml.org,2002:python/object/apply:os.system' isn't "
    "allowed\n  at: c.yaml:1:4\n  try: write a plain value",
    "a: !!str 1\n": "the YAML tag 'tag:yaml.org,2002:str' isn't allowed\n  at: c.yaml:1:4\n  try: write a plain value",
    "a: *x\n": "no anchor '&x' stands before this\n  at: c.yaml:1:4",
    "a: &x [*x]\n": "no anchor '&x' stands before this\n  at: c.yaml:1:8",
    "[a]: 1\n": "a key must be a text or a number, not a list or mapping\n  at: c.yaml:1:1",
    "a: 1\n---\nb: 2\n": "a config is one document\n  at: c.yaml:2:1\n  try: remove the second `---`",
    "a: {<<: 1}\n": "`<<` takes a mapping or a list of mappings\n  at: c.yaml:1:9",
    "a: 2020-02-31\n": "'2020-02-31' can't be read: day is out of range for month\n  at: c.yaml:1:4\n"
    "  try: put quotes around a text",
    "a: 0x_\n": "'0x_' can't be read: invalid literal for int() with base 16: ''\n  at: c.yaml:1:4\n"
    "  try: put quotes around a text",
    "a: @b\n": "not valid YAML: while scanning for the next token, found character that cannot start any token\n"
    "  at: c.yaml:1:4\n  try: put quotes around a value that begins with '@'",
    "a:\n\tb: 1\n": "not valid YAML: while scanning for the next token, found character that cannot start any token\n"
    "  at: c.yaml:2:1\n  try: indent with blanks, not with a tab",
    "a: $x if y else {b: c}: d\n": "not valid YAML: mapping values are not allowed in this context\n  at: c.yaml:1:19\n"
    "  try: put quotes around a value that holds ': ', or mend the indentation of the line before",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_are_told_with_place_and_advice(text):
    with pytest.raises(ConfigError) as caught:
        read_yaml(text, "c.yaml")
    assert str(caught.value) == MISTAKES[text]


def test_a_number_of_thousands_of_digits_is_refused():
    with pytest.raises(ConfigError, match=r"'9{37}\.\.\.' can't be read: Exceeds the limit"):
        read_yaml("a: " + "9" * 5000, "c.yaml")


@pytest.mark.parametrize("text", ["a: \x00", "a: \udcff"])
def test_what_is_no_text_is_refused(text):
    with pytest.raises(ConfigError, match="not valid YAML"):
        read_yaml(text, "c.yaml")


def test_depth_has_a_limit():
    assert values("- " * MAX_DEPTH + "x")
    with pytest.raises(ConfigError, match=r"^nested deeper than 500 levels\n  at: c.yaml:1:1001$"):
        values("- " * 3000 + "x")
    with pytest.raises(ConfigError, match=r"nested deeper than 500 levels|exceeded maximum nesting depth"):
        values("[" * 3000)


def test_aliases_of_aliases_are_refused_before_they_are_expanded():
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 40)]
    with pytest.raises(ConfigError, match=r"more than 1,000,000 values once aliases are expanded\n  at: c.yaml:7:"):
        read_yaml("\n".join(lines), "c.yaml")
