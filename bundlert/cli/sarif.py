"""Mistakes in SARIF 2.1.0, the form in which code hosting sites take what a checker found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bundlert import __version__
from bundlert.errors import BundlertError

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ABOUT = {
    "circular-reference": "References wait for each other.",
    "metadata": "The metadata break their schema.",
    "misplaced-key": "A key names a place that isn't there.",
    "missing-argument": "A component lacks an argument.",
    "missing-file": "A file that a component is to read isn't there.",
    "missing-reference": "A reference leads nowhere.",
    "sealed-code": "A bundle brings along code that isn't run.",
    "unknown-argument": "A component takes no such argument.",
    "unknown-mode": "`_mode_` has a value that it doesn't know.",
    "unknown-target": "There is no such component.",
    "unreadable": "A file can't be read, or its parts don't fit together.",
    "unsafe-expression": "An expression isn't one, or names what isn't listed.",
    "unused-key": "Nothing uses a key.",
    "wrong-choice": "A value isn't one of those that an argument takes.",
    "wrong-type": "A value isn't of the kind that an argument takes.",
}


def to_sarif(errors: Sequence[BundlertError], warnings: Sequence[BundlertError]) -> dict[str, Any]:
    """A log with one run: its rules, and a result for each mistake and warning."""
    found = [*((one, "error") for one in errors), *((one, "warning") for one in warnings)]
    rules = sorted({rule_of(one) for one, _ in found})
    driver = {
        "name": "bundlert",
        "version": __version__,
        "informationUri": "https://pypi.org/project/bundlert/",
        "rules": [_rule(rule) for rule in rules],
    }
    results = [_result(one, level, rules) for one, level in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def rule_of(problem: BundlertError) -> str:
    """The rule that a mistake breaks; without one, the name of its class: `bundle-error`."""
    return problem.rule or re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(problem).__name__).lower()


def _rule(rule: str) -> dict[str, Any]:
    about = _ABOUT.get(rule, f"A mistake of the kind {rule}.")
    return {"id": rule, "name": rule.title().replace("-", ""), "shortDescription": {"text": about}}


def _result(problem: BundlertError, level: str, rules: list[str]) -> dict[str, Any]:
    rule = rule_of(problem)
    result: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": rules.index(rule),
        "level": level,
        "message": {"text": _message(problem)},
    }
    if problem.at is not None and problem.at.line:
        result["locations"] = [_location(problem)]
    return result


def _message(problem: BundlertError) -> str:
    parts = [("got", problem.got), ("expected", problem.expected), ("try", problem.hint)]
    return "\n".join([problem.what, *(f"{name}: {text}" for name, text in parts if text)])


def _location(problem: BundlertError) -> dict[str, Any]:
    at = problem.at
    assert at is not None  # noqa: S101 (asked by the caller)
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(at.file), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": at.line, "startColumn": at.column},
        }
    }
    if problem.path:
        place["logicalLocations"] = [{"fullyQualifiedName": problem.path, "kind": "member"}]
    return place


def _uri(file: str) -> str:
    """The file relative to where the command was given, if it lies below; with `/` and without blanks."""
    path = Path(file)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
