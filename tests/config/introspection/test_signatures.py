import sys
import textwrap

import pytest

from bundlert.config.introspection.signatures import exists, public_names, signature_of
from bundlert.registry.index import Component


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module under a name of its own and give that name."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(source, name=f"toy_{tmp_path.name}"):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(source))
        return name

    return write


def arguments(module, name):
    signature = signature_of(Component("toy", name, module, ""))
    return signature and (signature.names, signature.required, signature.open)


def test_the_arguments_of_a_function(module):
    name = module("def f(a, b=1, *, c, d=2): ...\ndef g(a, **more): ...\ndef h(): ...\n")
    assert arguments(name, "f") == (["a", "b", "c", "d"], ["a", "c"], False)
    assert arguments(name, "g") == (["a"], ["a"], True)
    assert arguments(name, "h") == ([], [], False)


def test_the_arguments_of_a_class_are_its_own_or_its_bases(module):
    name = module("""
        class A:
            def __init__(self, a, b=1): ...
        class B(A): ...
        class C(B):
            def __init__(self, c): ...
        class D: ...
        class E:
            def __new__(cls, e): ...
    """)
    assert [arguments(name, one) for one in "ABCDE"] == [
        *[(["a", "b"], ["a"], False)] * 2,
        *[(["c"], ["c"], False), ([], [], False), (["e"], ["e"], False)],
    ]


def test_of_overloads_the_last_counts(module):
    name = module("""
        from typing import overload
        class A:
            @overload
            def __init__(self, a): ...
            @overload
            def __init__(self, b): ...
            def __init__(self, c, d=1): ...
    """)
    assert arguments(name, "A") == (["c", "d"], ["c"], False)


def test_what_the_source_cannot_tell_is_none(module):
    name = module("""
        import collections
        from dataclasses import dataclass
        @dataclass
        class A:
            a: int
        class B(collections.UserDict): ...
    """)
    assert arguments(name, "A") is None
    assert arguments(name, "B") is None
    assert arguments("math", "sqrt") is None
    assert exists(Component("toy", "sqrt", "math", "")) is None


def test_a_name_is_followed_to_where_it_is_defined(module):
    module("def f(a): ...\nclass K:\n    def __init__(self, k): ...\n", "toy_origin")
    name = module("from toy_origin import f as g\nfrom toy_origin import *\n", "toy_names")
    assert arguments(name, "g") == (["a"], ["a"], False)
    assert arguments(name, "K") == (["k"], ["k"], False)
    assert public_names(name) == ["K"]


def test_a_module_that_is_no_python_can_tell_nothing(module):
    assert exists(Component("toy", "f", module("def f(:\n", "toy_bad"), "")) is None


@pytest.mark.parametrize(
    ("name", "known"), [("Linear", True), ("Linnear", False), ("Conv2d", True), ("Sequential", True)]
)
def test_whether_a_library_has_a_class(name, known):
    assert exists(Component("network", name, "torch.nn", "")) is known


def test_reading_a_signature_imports_nothing(module):
    name = module("raise SystemExit\ndef f(a): ...\n", "toy_never")
    assert arguments(name, "f") == (["a"], ["a"], False)
    assert name not in sys.modules
