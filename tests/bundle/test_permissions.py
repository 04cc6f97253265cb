from pathlib import Path

import pytest
from bundle.toy import make_bundle

from bundlert.bundle.permissions import permissions_of, policy_problems
from bundlert.bundle.trust import trust
from bundlert.config.load import parse
from bundlert.errors import PolicyError
from bundlert.registry.registry import standard


@pytest.fixture(autouse=True)
def settings(monkeypatch, tmp_path):
    monkeypatch.setenv("BUNDLERT_CONFIG", str(tmp_path / "settings"))
    monkeypatch.setenv("BUNDLERT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "settings").mkdir()
    return tmp_path / "settings"


def asked(folder, *overrides, more=(), once=False):
    return permissions_of(folder, overrides, more, trust=once)


def outputs(folder, *overrides, more=()):
    (_, cache, *others) = asked(folder, *overrides, more=more).bounds(folder, Path("run")).outputs
    assert cache.name == "cache"
    return [str(one) for one in others]


def test_what_is_named_may_be_read(tmp_path):
    (tmp_path / "mine.yaml").write_text("list: [x/y.nii, {deep: z}]\nsize: 3\n")
    bounds = asked(tmp_path, "image=a.nii", "n=1", "e=$@x", more=[tmp_path / "mine.yaml"]).bounds(tmp_path, Path("run"))
    assert {str(one) for one in bounds.named} == {"x/y.nii", "z", "a.nii"}
    assert bounds.inside == (tmp_path,)


def test_an_output_may_be_written_whether_it_is_there_or_not(tmp_path):
    (tmp_path / "old").mkdir()
    assert outputs(tmp_path, f"output={tmp_path}/old", "save_dir=new") == [f"{tmp_path}/old", "new"]


def test_an_input_that_is_there_is_never_written(tmp_path):
    (tmp_path / "data").mkdir()
    assert outputs(tmp_path, f"dataset_dir={tmp_path}/data", "dataset_dir=made-by-this-run") == ["made-by-this-run"]


def test_an_output_in_a_file_of_the_users_is_found_however_deep(tmp_path):
    (tmp_path / "mine.yaml").write_text(f"save: {{output_dir: {tmp_path}}}\ndata: {{dir: {tmp_path}}}\n")
    assert outputs(tmp_path, more=[tmp_path / "mine.yaml"]) == [str(tmp_path)]


def test_empty_and_endless_texts_are_no_places(tmp_path):
    assert outputs(tmp_path, "output=''", f"output={'x' * 5000}", 'output="a\\0b"', f"a={'x' * 300}") == ["x" * 300]


def test_a_trusted_run_has_no_bounds_and_finds_any_code(tmp_path):
    folder = make_bundle(tmp_path / "toy")
    sealed, trusted = asked(folder), asked(folder, once=True)
    assert (sealed.registry(folder).trusts_code, trusted.registry(folder).trusts_code) == (False, True)
    assert sealed.level.words == "sealed: no code of the bundle runs"
    assert trusted.level.words.startswith("trusted: ")
    trust(folder)
    assert asked(folder).level.trusted


def test_a_policy_may_forbid_trust_of_either_kind(tmp_path, settings):
    folder = make_bundle(tmp_path / "toy")
    trust(folder)
    (settings / "policy.yaml").write_text("trust: never\n")
    for once in (True, False):
        with pytest.raises(PolicyError, match="lets no code of bundles run"):
            asked(folder, once=once)


def test_overrides_and_files_of_the_users_are_both_edits(tmp_path, settings):
    (settings / "policy.yaml").write_text("editable: [epochs]\n")
    (tmp_path / "mine.yaml").write_text("epochs: 1\nlr: 2\n")
    assert asked(tmp_path, "epochs=3")
    with pytest.raises(PolicyError, match="set 'lr'"):
        asked(tmp_path, "lr=3")
    with pytest.raises(PolicyError, match="set 'lr'"):
        asked(tmp_path, more=[tmp_path / "mine.yaml"])


def test_a_forbidden_component_is_told_with_both_places(tmp_path, settings):
    (settings / "policy.yaml").write_text("refused_components: [UNet]\n")
    may = asked(make_bundle(tmp_path / "toy"))
    root = parse("a: {_target_: UNet}\nb: {_target_: DiceLoss}\nc: {_target_: Nothing}\n", "c.yaml")
    (problem,) = policy_problems(root, may.registry(tmp_path / "toy"), may.policies)
    assert str(problem) == (
        f"the policy refuses 'UNet'\n  at: {settings}/policy.yaml:1:22 (a)\n  got: 'UNet' in refused_components\n"
        "  expected: another component at c.yaml:1:15"
    )
    assert list(policy_problems(root, standard(), [])) == []


def test_a_bundles_own_component_is_known_but_withheld(tmp_path):
    folder = make_bundle(tmp_path / "toy")
    (folder / "components").mkdir()
    (folder / "components" / "own.py").write_text("# component: toy, does it\ndef own_thing():\n    return 1\n")
    with pytest.raises(PolicyError, match="is the bundle's own code, which isn't run"):
        asked(folder).registry(folder).find("own_thing")
    assert asked(folder, once=True).registry(folder).find("own_thing").kind == "toy"


@pytest.mark.parametrize("text", ["def (", "((" * 5000, "\0", "# component: no\n"])
def test_files_that_are_no_python_dont_keep_a_sealed_bundle_from_running(tmp_path, text):
    folder = make_bundle(tmp_path / "toy")
    (folder / "components").mkdir()
    (folder / "components" / "own.py").write_text(text)
    assert asked(folder).registry(folder).find("UNet")
