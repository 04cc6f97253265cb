import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.config.json_text import read_json
from bundlert.config.tree import find, plain
from bundlert.config.yaml_text import MAX_DEPTH
from bundlert.errors import ConfigError

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
DATA = st.recursive(SCALARS, lambda kids: st.lists(kids) | st.dictionaries(st.text(max_size=6), kids), max_leaves=15)


def values(text):
    return plain(read_json(text, "c.json"))


@given(DATA, st.booleans(), st.sampled_from([None, 1, "\t"]))
@settings(max_examples=200, deadline=None)
def test_json_is_read_as_json_reads_it(data, escaped, indent):
    text = json.dumps(data, ensure_ascii=escaped, indent=indent)
    assert values(text) == json.loads(text)


@given(st.text(st.sampled_from('{}[]",:\\u0dn 1-.eEtrufals'), max_size=12))
@settings(max_examples=400, deadline=None)
def test_a_text_is_refused_if_and_only_if_json_refuses_it(text):
    try:
        expected = json.loads(text)
    except ValueError:
        expected = ConfigError
    if text.strip(" ") and expected is ConfigError:
        with pytest.raises(ConfigError, match=r"^not valid JSON"):
            values(text)
    elif text.strip(" ") and text.count('":') < 2:  # a key written twice is refused here only
        assert values(text) == expected


@pytest.mark.parametrize("text", ["-true", "-null", "-NaN", "--1", "01", "1.", ".5", "+1", "nan", "[1 2]", "'a'"])
def test_what_is_nearly_json_is_refused(text):
    with pytest.raises(ConfigError, match="not valid JSON"):
        values(text)


def test_words_escapes_and_big_numbers():
    assert values('["\\ud83d\\ude00", "é", "\\n", 1e3, -0.0, 123456789012345678901]') == [
        *("\U0001f600", "é", "\n", 1000.0, -0.0),
        123456789012345678901,
    ]
    assert values("[Infinity, -Infinity]") == [math.inf, -math.inf]
    assert math.isnan(values("NaN"))


def test_a_byte_order_mark_and_an_empty_text_are_fine():
    assert values('\ufeff{"a": 1}') == {"a": 1}
    assert values(" \n") is None


def test_every_value_and_key_knows_its_place():
    root = read_json('{"a": 1,\n "b": {\n  "c": [10, "x"]}}', "c.json")
    assert str(find(root, ("b", "c", "1")).mark) == "c.json:3:13"
    assert str(find(root, ("b", "c")).key_mark) == "c.json:3:3"
    assert str(root.mark) == "c.json:1:1"


MISTAKES = {
    '{"a": 1,\n "a": 2}': "the key 'a' is written twice\n  at: c.json:2:2\n  got: first at c.json:1:2\n  try: keep one",
    '{"a": 1,}': "not valid JSON: a comma before the end\n  at: c.json:1:9\n  try: remove the comma",
    '{"a" 1}': "not valid JSON: ':' is missing after the key 'a'\n  at: c.json:1:6",
    "{a: 1}": "not valid JSON: a key in double quotes is missing here\n  at: c.json:1:2",
    '{"a": }': "not valid JSON: a value is missing here\n  at: c.json:1:7",
    '{"a":': "not valid JSON: a value is missing here\n  at: c.json:1:6",
    "[1": "not valid JSON: ',' is missing here\n  at: c.json:1:3",
    '{"a": [1}': "not valid JSON: ']' is missing here\n  at: c.json:1:9",
    "[": "not valid JSON: ']' is missing here\n  at: c.json:1:2",
    "[1] 2": "not valid JSON: there is more after the end\n  at: c.json:1:5",
    '"a': "not valid JSON: Unterminated string starting at\n  at: c.json:1:1",
    '"\n"': "not valid JSON: Invalid control character at\n  at: c.json:1:2",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_are_told_with_their_place(text):
    with pytest.raises(ConfigError) as caught:
        values(text)
    assert str(caught.value) == MISTAKES[text]


def test_a_number_of_thousands_of_digits_is_refused():
    with pytest.raises(ConfigError, match=r"not valid JSON: Exceeds the limit .*\n  at: c.json:1:2$"):
        values("[" + "9" * 5000 + "]")


def test_depth_has_a_limit():
    assert values("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    with pytest.raises(ConfigError, match="not valid JSON: nested deeper than 500 levels"):
        values("[" * 3000 + "]" * 3000)
