"""The examples of the language's page: a block of YAML behind a comment that says what comes of it.

`<!-- gives {id: value} -->`, `<!-- refuses id: words of the message -->`, or `<!-- file name -->` for a file that
later blocks include.
"""

import re
from pathlib import Path

import pytest
import yaml

from bundlert.config.build import Builder
from bundlert.config.load import load
from bundlert.config.macros import expand
from bundlert.errors import BundlertError
from bundlert.registry.registry import standard

PAGE = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- (gives|refuses|file) (.*?) -->\n```yaml\n(.*?)```", re.DOTALL)
BLOCKS = BLOCK.findall(PAGE)


def builder_of(text, folder):
    for kind, name, content in BLOCKS:
        if kind == "file":
            (folder / name).write_text(content)
    (folder / "c.yaml").write_text(text)
    root = load(folder / "c.yaml")
    expand(root)
    return Builder(root, standard())


@pytest.mark.parametrize(("kind", "words", "text"), [block for block in BLOCKS if block[0] != "file"])
def test_an_example_does_what_the_page_says(kind, words, text, tmp_path):
    builder = builder_of(text, tmp_path)
    if kind == "gives":
        expected = yaml.safe_load(words)
        assert {config_id: builder.get(config_id) for config_id in expected} == expected
    else:
        config_id, _, message = words.partition(": ")
        with pytest.raises(BundlertError, match=re.escape(message)):
            builder.get(config_id)


def test_every_example_in_yaml_says_what_comes_of_it():
    assert len(BLOCKS) == PAGE.count("```yaml") > 8
