"""Strategies of configs: trees that are nearly sound, their texts with a few letters changed, and any texts at all."""

import json

from config.expression_texts import ANY
from hypothesis import strategies as st

_KEYS = st.sampled_from(
    [
        *("a", "b", "c", "a::b", "+a", "+a::b", "a::0", "run", "imports", "_target_", "_mode_", "_disabled_", "_args_"),
        *("_requires_", "_desc_", "_include_", "<<", "0", "1", "", "::", "#", "+", "@a", "$1", "%a", "é", "a b", "_x"),
    ]
)
_REFERENCES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["@", "%", "@::", "@::::", "%::", "@@", "$@", "%%", "%c.yaml::", "%/etc/passwd::", "@#"]),
    st.sampled_from(["a", "b", "c", "a::b", "a::0", "b::1::c", "a#b", "missing", "", "a::_target_", "x.yaml"]),
    st.sampled_from(["", "", "", ".b", "::", "[0]", " + 1"]),
)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["???", "None", "dict", "UNet", "torch.nn.ReLU", "os.system", "callable", "debug", "1e5", "true"]),
    _REFERENCES,
    ANY.map("${}".format),
    st.sampled_from(["$import os", "$from math import pi", "$import os.path as p", "$lambda x: x", "$(lambda: @a)()"]),
)


def _grown(kids):
    return st.lists(kids, max_size=4) | st.dictionaries(_KEYS, kids, max_size=5)


TREES = st.dictionaries(_KEYS, st.recursive(_SCALARS, _grown, max_leaves=12), max_size=6)
_YAML_BITS = st.sampled_from(
    [
        *("&a ", "*a", "<<: *a", "!!python/name:os.system", "- ", "? ", ": ", "|\n", ">\n", "{", "}", "[", "]", "'"),
        *('"', "\t", "\n", "#", "%TAG", "---\n", "...\n", "\0", "\ufeff", "\u2028", "\\x00", "===", "0x", "1_0", "~"),
        *("@a", "$", "%a", "::", "__class__", ".inf", "2001-02-30", "12:30:45", "=", "`", "😀", "\ud7ff"),
    ]
)


@st.composite
def damaged(draw):
    """The text of a config with some pieces put in, taken out or doubled."""
    text = json.dumps(draw(TREES), indent=draw(st.sampled_from([None, 1])), ensure_ascii=draw(st.booleans()))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(text)))
        width = draw(st.integers(0, 6))
        piece = draw(_YAML_BITS | st.just(text[at : at + 40]))
        text = text[:at] + piece + text[at + width :]
    return text


CONFIGS = st.one_of(
    TREES.map(json.dumps),
    st.builds("{}\n===\n{}".format, TREES.map(json.dumps), TREES.map(json.dumps)),
    damaged(),
    st.text(max_size=60),
)
OVERRIDES = st.one_of(
    st.builds("{}={}".format, _KEYS, _SCALARS), st.builds("{}={}".format, _KEYS, damaged()), st.text(max_size=30)
)
EXPRESSIONS = ANY | st.text(max_size=40) | st.builds("{}{}{}".format, ANY, _YAML_BITS, ANY)
