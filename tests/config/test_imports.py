import sys

import pytest
from config.toy import tree_of

from bundlert.config.imports import imports_of


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("a: 1", {}),
        ("a: $import os", {"os": "os"}),
        ("a: $import os.path", {"os": "os"}),
        ("a: $import os.path as p", {"p": "os.path"}),
        ("a: ['$import os, glob as g']", {"os": "os", "g": "glob"}),
        ("a: {b: ['$from math import pi, e as euler']}", {"pi": "math.pi", "euler": "math.e"}),
        ("a: $import json as m\nb: $import math as m", {"m": "math"}),
        ("a: {_target_: x, _disabled_: true, b: $import os}", {"os": "os"}),
        ("a: $import math as\nb: $import os", {"os": "os"}),
        ("a: import os\nb: '$imported'", {}),
    ],
)
def test_import_statements_bind_names_wherever_they_stand(text, bound):
    assert imports_of(tree_of(text)) == bound


def test_nothing_is_imported_by_looking():
    assert imports_of(tree_of("a: $import this")) == {"this": "this"}
    assert "this" not in sys.modules


def test_looking_needs_no_recursion():
    assert imports_of(tree_of("a: " + "[" * 400 + "$import os" + "]" * 400)) == {"os": "os"}
