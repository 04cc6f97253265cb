import pytest
from bundle.toy import make_bundle

from bundlert.bundle.layout import open_bundle
from bundlert.errors import BundleError


def test_a_bundle_knows_its_configs_by_name(tmp_path):
    bundle = open_bundle(make_bundle(tmp_path / "toy", train="run: 1", infer="run: 2"))
    assert sorted(bundle.configs) == ["infer", "train"]
    assert bundle.name == "toy"
    assert bundle.metadata == tmp_path / "toy" / "metadata.json"


def test_metadata_among_the_configs_is_found_and_is_no_entry(tmp_path):
    bundle = open_bundle(make_bundle(tmp_path / "toy", metadata_in_configs=True, train="run: 1"))
    assert bundle.metadata == tmp_path / "toy" / "configs" / "metadata.json"
    assert list(bundle.configs) == ["train"]


def test_a_wrong_folder_is_answered_with_the_nearest(tmp_path):
    make_bundle(tmp_path / "spleen_fast")
    with pytest.raises(BundleError, match=r"there is no bundle '.*spleen_fst'\n  try: did you mean 'spleen_fast'\?"):
        open_bundle(tmp_path / "spleen_fst")


def test_a_folder_without_configs_is_no_bundle(tmp_path):
    with pytest.raises(BundleError, match=r"isn't a bundle\n  got: no config files in it"):
        open_bundle(tmp_path)


def test_a_wrong_entry_is_answered_with_those_there_are(tmp_path):
    bundle = open_bundle(make_bundle(tmp_path / "toy", train="run: 1", infer="run: 2"))
    with pytest.raises(BundleError, match=r"has no entry 'trian'\n  expected: one of infer, train\n.*'train'\?"):
        bundle.entry("trian")
