"""The page on inference: its examples run, its names exist."""

import re
from pathlib import Path

import pytest
import yaml

from bundlert.inferers.sliding_window import SlidingWindowInferer
from bundlert.registry.registry import load, standard

PAGE = (Path(__file__).parents[2] / "docs" / "inference.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("block", blocks("python"))
def test_an_example_runs(block):
    exec(compile(block, "inference.md", "exec"), {})  # noqa: S102 (our own page)


@pytest.mark.parametrize("block", blocks("yaml"))
def test_an_example_of_a_config_builds(block):
    (options,) = yaml.safe_load(block).values()
    load(standard().find(options.pop("_target_")))(**options)


def test_every_option_of_the_table_exists():
    (table,) = re.findall(r"\| option \| what it does \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE)
    named = {name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert named <= set(SlidingWindowInferer.__init__.__code__.co_varnames)
    assert {"backend", "precision", "roi_mask", "cache_dir"} <= named
