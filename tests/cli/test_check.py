import json

from bundle.toy import METADATA, make_bundle
from cli.process import bundlert


def test_only_the_entries_that_are_named_are_checked(tmp_path):
    make_bundle(tmp_path / "toy", good="run: ['$1']\n", bad="run: ['@x']\n")
    assert bundlert("check", "toy", "good", cwd=tmp_path).returncode == 0
    done = bundlert("check", "toy", "bad", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("ConfigError: the reference '@x' leads nowhere\n  at: toy/configs/bad.yaml:1:7 (run::0)\n")


def test_mistakes_are_data_with_json(tmp_path):
    make_bundle(tmp_path / "toy", one="run: ['@x']\n", two="run: ['@y']\n")
    done = bundlert("check", "toy", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "")
    found = [(one["message"], one["file"], one["line"]) for one in json.loads(done.stdout)["errors"]]
    assert found == [
        ("the reference '@x' leads nowhere", "toy/configs/one.yaml", 1),
        ("the reference '@y' leads nowhere", "toy/configs/two.yaml", 1),
    ]


def test_no_mistakes_are_an_empty_list(tmp_path):
    make_bundle(tmp_path / "toy")
    done = bundlert("check", "toy", "--json", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"errors": []})


def test_a_mistake_that_entries_share_is_told_once(tmp_path):
    about = {key: value for key, value in METADATA.items() if key != "authors"}
    make_bundle(tmp_path / "toy", metadata=about, one="run: ['$1']\n", two="run: ['$2']\n")
    assert bundlert("check", "toy", cwd=tmp_path).stderr.count("'authors' is missing") == 1


def test_an_unknown_entry_is_told_with_the_nearest(tmp_path):
    make_bundle(tmp_path / "toy")
    done = bundlert("check", "toy", "sun", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        2, "BundleError: the bundle 'toy' has no entry 'sun'\n  expected: one of sum\n  try: did you mean 'sum'?\n"
    )  # fmt: skip
