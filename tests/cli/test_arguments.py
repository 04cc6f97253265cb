from pathlib import Path

import pytest
from bundle.toy import make_bundle

from bundlert.cli.arguments import BundleFolder, entries_of
from bundlert.errors import BundleError


def test_entries_are_the_configs_with_a_run(tmp_path):
    make_bundle(tmp_path / "toy", train="run: ['$1']\n", parts="a: 1\n", infer="_include_: train.yaml\n")
    assert entries_of(tmp_path / "toy") == ["infer", "train"]
    with pytest.raises(BundleError, match=r"there is no bundle '.*nowhere'"):
        entries_of(tmp_path / "nowhere")


def test_a_bundle_is_a_path_whether_it_is_there_or_not():
    assert BundleFolder().convert("bundles/nowhere/", None, None) == Path("bundles/nowhere")
