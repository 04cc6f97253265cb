"""The house's own source as syntax trees."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "bundlert"
FILES = sorted(HOUSE.rglob("*.py"))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def tree_of(file):
    return ast.parse(file.read_text(encoding="utf-8"))


def short(file):
    """A file's path below the house: `ops/resample.py`."""
    return file.relative_to(HOUSE).as_posix()


def room_of(file):
    """`ops` of `ops/resample.py`, `errors` of `errors.py`."""
    return file.relative_to(HOUSE).with_suffix("").parts[0]


def nodes(kinds):
    """Each node of some kinds in the house, after `file:line`."""
    for file in FILES:
        for node in ast.walk(tree_of(file)):
            if isinstance(node, kinds):
                yield f"{short(file)}:{getattr(node, 'lineno', 1)}", node


def imported(node):
    """The modules that a statement imports; a relative import is told as `.module`."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return ["." * node.level + (node.module or "")] if isinstance(node, ast.ImportFrom) else []
