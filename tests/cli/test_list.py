import json

import pytest
from bundle.toy import make_bundle
from cli.process import bundlert


def rows(*words, cwd):
    return json.loads(bundlert("list", *words, "--json", cwd=cwd).stdout)


def test_a_broken_bundle_does_not_hide_the_others(tmp_path):
    make_bundle(tmp_path / "bundles" / "good")
    make_bundle(tmp_path / "bundles" / "bad", sum="run: [")
    make_bundle(tmp_path / "bundles" / "nameless")
    (tmp_path / "bundles" / "nameless" / "metadata.json").unlink()
    (tmp_path / "bundles" / "notes").mkdir()
    (tmp_path / "bundles" / "README.md").touch()
    assert rows(cwd=tmp_path) == [
        {"name": "bundles/bad", "kind": "?", "summary": "broken: see `bundlert check bundles/bad`"},
        {"name": "bundles/good", "kind": "1.2.3", "summary": "sum"},
        {"name": "bundles/nameless", "kind": "?", "summary": "broken: see `bundlert check bundles/nameless`"},
    ]


def test_bundles_of_another_folder_are_listed(tmp_path):
    make_bundle(tmp_path / "there" / "toy")
    assert [row["name"] for row in rows("bundles", "--folder", "there", cwd=tmp_path)] == ["there/toy"]


def test_a_folder_that_is_not_there_is_told(tmp_path):
    done = bundlert("list", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "BundleError: there is no folder 'bundles'\n  try: name the one that holds bundles with --folder\n"
    )


@pytest.mark.parametrize("kind", ["loss", "losses"])
def test_components_of_one_kind_are_listed(kind, tmp_path):
    found = rows("components", kind, cwd=tmp_path)
    assert {row["kind"] for row in found} == {"loss"}
    assert {"name": "DiceLoss", "kind": "loss", "summary": found[0]["summary"]} in found
    assert len(rows("components", cwd=tmp_path)) > len(found)


def test_an_unknown_kind_is_told_with_the_nearest(tmp_path):
    done = bundlert("list", "components", "los", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ComponentError: there are no components of the kind 'los'\n  expected: one of ")
    assert done.stderr.endswith("\n  try: did you mean 'loss'?\n")
