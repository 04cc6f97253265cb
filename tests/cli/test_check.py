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
    assert (done.returncode, json.loads(done.stdout)) == (0, {"errors": [], "warnings": []})


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


UNUSED = "epochs: 1\nepoch: 2\nrun: ['@epochs']\n"


def test_a_key_that_nothing_uses_is_a_warning(tmp_path):
    make_bundle(tmp_path / "toy", train=UNUSED)
    done = bundlert("check", "toy", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "toy: 0 components, no mistakes, 1 warning\n")
    assert done.stderr == (
        "Warning: nothing uses the key 'epoch'\n  at: toy/configs/train.yaml:2:1 (epoch)\n"
        "  try: did you mean 'epochs'?\n"
    )


def test_a_warning_is_a_mistake_if_one_is_strict(tmp_path):
    make_bundle(tmp_path / "toy", train=UNUSED)
    done = bundlert("check", "toy", "--strict", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ConfigError: nothing uses the key 'epoch'\n")


def test_warnings_are_data_too(tmp_path):
    make_bundle(tmp_path / "toy", train=UNUSED)
    found = json.loads(bundlert("check", "toy", "--json", cwd=tmp_path).stdout)
    assert [(one["level"], one["rule"], one["path"]) for one in found["warnings"]] == [
        ("warning", "unused-key", "epoch")
    ]
    assert found["errors"] == []


def test_a_key_that_another_entry_uses_is_used(tmp_path):
    folder = make_bundle(
        tmp_path / "toy",
        train="_include_: parts.yaml\nrun: ['@a']\n",
        infer="_include_: parts.yaml\nrun: ['$1']\n",
        parts="a: 1\n",
    )
    done = bundlert("check", folder.name, "infer", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_that_cannot_be_read_does_not_hide_the_mistakes_of_others(tmp_path):
    make_bundle(tmp_path / "toy", bad="run: [\n", train="run: ['@x']\n")
    done = bundlert("check", "toy", "--json", cwd=tmp_path)
    found = json.loads(done.stdout)["errors"]
    assert [(one["rule"], one["file"]) for one in found] == [
        ("unreadable", "toy/configs/bad.yaml"),
        ("missing-reference", "toy/configs/train.yaml"),
    ]
