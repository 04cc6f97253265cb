import ast
import sys

import pytest

from bundlert.config.introspection.source import alias, definition, definitions, file_of, imports, stars, tree_of


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package `toy_source` of two modules."""
    monkeypatch.syspath_prepend(tmp_path)
    name = f"toy_source_{tmp_path.name}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("from .inside import f as g\nfrom .inside import *\n")
    (folder / "inside.py").write_text("Keys = str | list[str]\nN: int = 3\ndef f(a): ...\nclass K: ...\n")
    return name


def test_a_name_is_followed_to_its_definition(package):
    module, found = definition(package, "g")
    assert (module, found.name, found.lineno) == (f"{package}.inside", "f", 3)
    assert definition(package, "K")[0] == f"{package}.inside"
    assert definition(package, "nothing") is None


def test_what_a_name_is_set_to_is_found(package):
    assert ast.unparse(alias(f"{package}.inside", "Keys")[1]) == "str | list[str]"
    assert alias(f"{package}.inside", "N")[1].value == 3
    assert alias(package, "Keys") is None


def test_a_module_tells_what_it_defines_and_imports(package):
    assert list(definitions(f"{package}.inside")) == ["f", "K"]
    assert imports(package)["g"] == (f"{package}.inside", "f")
    assert stars(package) == [f"{package}.inside"]


def test_what_has_no_source_is_none():
    assert file_of("no_such_module_anywhere") is None
    assert tree_of("no_such_module_anywhere") is None


def test_nothing_is_imported(package):
    definition(package, "g")
    assert package not in sys.modules
