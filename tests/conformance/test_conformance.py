"""The language case by case. Each file of cases is a topic; a case is told by its `name`.

A case has `config` (a YAML text) or `files` (name: text, the first is loaded, or those of `load` in order),
`overrides`, and what is to come of it: `gives` (id: value), `prints` (id: `repr` of the value), `same` (ids of one
object), `order` (tags of the components that were called), or, on asking for `ask`, an `error` (a pattern of the
message) `at` a place (file:line:column). Where `wart` is true the field does something else, and worse.
"""

import re
from pathlib import Path

import pytest
import yaml
from config.toy import REGISTRY

from bundlert.config.build import Builder
from bundlert.config.load import load
from bundlert.config.macros import expand
from bundlert.config.merge import merge, override, parse_override
from bundlert.errors import BundlertError

CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in sorted(Path(__file__).parent.glob("*.yaml"))
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))
]
KEYS = {
    "name",
    "config",
    "files",
    "load",
    "overrides",
    "gives",
    "prints",
    "same",
    "order",
    "ask",
    "error",
    "at",
    "wart",
}


def builder_of(case):
    """The builder of a case; its files stand in the current folder."""
    files = case.get("files") or {"c.yaml": case["config"]}
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    first, *more = case.get("load") or list(files)[:1]
    root = load(Path(first))
    for name in more:
        merge(root, load(Path(name)))
    expand(root)
    for text in case.get("overrides", ()):
        override(root, *parse_override(text))
        expand(root)
    return Builder(root, REGISTRY)


@pytest.mark.parametrize("case", CASES)
def test_a_case_of_the_language(case, calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert set(case) <= KEYS
    if "error" in case:
        with pytest.raises(BundlertError) as caught:
            builder_of(case).get(case.get("ask", "x"))
        assert re.search(case["error"], str(caught.value)), str(caught.value)
        assert str(caught.value.at or "") == case.get("at", str(caught.value.at or ""))
        return
    builder = builder_of(case)
    gives = {config_id: builder.get(config_id) for config_id in case.get("gives", ())}
    assert repr(gives) == repr(case.get("gives", {}))
    assert {config_id: repr(builder.get(config_id)) for config_id in case.get("prints", ())} == case.get("prints", {})
    assert len({id(builder.get(config_id)) for config_id in case.get("same", ())}) <= 1
    assert calls == case.get("order", calls)


def test_there_are_enough_cases_and_each_has_its_name():
    names = [case.id for case in CASES]
    assert len(names) == len(set(names)) >= 250
