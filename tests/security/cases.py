"""The hostile texts, and the folders that they are tried in."""

import json
import os
from pathlib import Path

import yaml
from bundle.toy import make_bundle
from cli.process import bundlert

FILE = Path(__file__).parent / "hostile.yaml"
CASES = yaml.safe_load(FILE.read_text(encoding="utf-8"))
IMPORTS = "imports: [$import copy, $import functools, $import glob, $import json, $import logging]\n"
LONG, DEEP = "1, " * 100_000, "(" * 5000


class Scene:
    """A bundle, and what it must leave alone: a folder of somebody else, and a file that isn't there."""

    def __init__(self, folder):
        self.outside = folder / "outside"
        self.outside.mkdir()
        self.marker = self.outside / "marker"
        self.secret = self.outside / "secret.json"
        self.secret.write_text('{"k": "hunter2"}\n')
        self.bundle = folder / "toy"

    def bundle_of(self, case):
        """The bundle that tries it; gives the overrides too."""
        text = f"{IMPORTS}x: {json.dumps('$' + case['expression'])}\n" if "expression" in case else "x: 1\n"
        make_bundle(self.bundle, x=self.filled(case.get("config", text) + "run: ['@x']\n"))
        for name, content in case.get("files", {}).items():
            file = self.bundle / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self.filled(content))
        return [self.filled(case["override"])] if "override" in case else []

    def filled(self, text):
        """The text with its places."""
        words = {"MARKER": self.marker, "SECRET": self.secret, "OUTSIDE": self.outside, "REPEAT": LONG, "NESTED": DEEP}
        for word, value in words.items():
            text = text.replace(word, str(value))
        return text


def snapshot(folder):
    """All files below a folder, with what is in them."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() if file.is_file() else None
        for file in sorted(folder.rglob("*"))
    }


def command(*words, folder, **settings):
    """Run `bundlert` as a process that writes its settings and its cache into a folder."""
    places = {"BUNDLERT_CONFIG": str(folder / "settings"), "BUNDLERT_CACHE": str(folder / "cache")}
    environment = {**os.environ, **places, **settings}
    environment.pop("BUNDLERT_POLICY" if "BUNDLERT_POLICY" not in settings else "", None)
    return bundlert(*words, cwd=folder, env=environment)


def refused(done, code, *words):
    """Assert that a command was refused, shortly and without a traceback, and that it said some words."""
    told = done.stdout + done.stderr
    assert done.returncode == code, told
    assert len(told.splitlines()) < 15, told
    assert "Traceback" not in told
    for word in words:
        assert word in told
