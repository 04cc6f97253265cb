import pytest
from bundle.toy import make_bundle

from bundlert.bundle.assemble import assemble
from bundlert.bundle.layout import open_bundle
from bundlert.config.tree import plain
from bundlert.errors import ConfigError


def tree_of(bundle, entry="sum", **options):
    return plain(assemble(open_bundle(bundle), entry, **options))


def test_metadata_and_the_run_are_part_of_the_tree(tmp_path):
    tree = tree_of(make_bundle(tmp_path / "toy"), folder=tmp_path / "here")
    assert tree["_meta_"]["version"] == "1.2.3"
    assert tree["_run_"] == {"folder": str(tmp_path / "here"), "resume": None, "entry": "sum"}
    assert tree["bundle_root"] == str(tmp_path / "toy")


def test_the_last_of_files_and_overrides_wins(tmp_path):
    more = tmp_path / "more.yaml"
    more.write_text("a: 10\nb: 20\n")
    tree = tree_of(make_bundle(tmp_path / "toy"), more=[more], overrides=["b=200", "b=300"])
    assert (tree["a"], tree["b"]) == (10, 300)


def test_an_override_reaches_into_what_a_macro_copies(tmp_path):
    folder = make_bundle(tmp_path / "toy", sum="base: {x: 1, y: 2}\ncopy: '%base'\nrun: ['@copy']\n")
    assert tree_of(folder, overrides=["copy::x=5"])["copy"] == {"x": 5, "y": 2}


def test_an_override_may_be_a_macro_itself(tmp_path):
    folder = make_bundle(tmp_path / "toy", sum="base: {x: 1}\ncopy: '%base'\nz: {n: 3}\nrun: ['@copy']\n")
    assert tree_of(folder, overrides=["copy::x=%z::n"])["copy"] == {"x": 3}


def test_an_override_of_a_macros_source_reaches_the_copy(tmp_path):
    folder = make_bundle(tmp_path / "toy", sum="base: {x: 1}\ncopy: '%base'\nrun: ['@copy']\n")
    assert tree_of(folder, overrides=["base::x=5"])["copy"] == {"x": 5}


def test_an_undeclared_override_is_an_error_with_a_suggestion(tmp_path):
    folder = make_bundle(tmp_path / "toy", train="epochs: 3\nrun: ['@epochs']\n")
    with pytest.raises(ConfigError, match=r"nothing called 'epoch' is declared\n  at: override 'epoch=7'\n.*'epochs'"):
        tree_of(folder, "train", overrides=["epoch=7"])
