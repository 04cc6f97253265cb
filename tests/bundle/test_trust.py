import json
import stat

import pytest
from bundle.toy import make_bundle

from bundlert.bundle.trust import SEALED, code_of, consents, forget, level_of, trust
from bundlert.errors import PolicyError


@pytest.fixture(autouse=True)
def settings(monkeypatch, tmp_path):
    monkeypatch.setenv("BUNDLERT_CONFIG", str(tmp_path / "settings"))
    return tmp_path / "settings"


@pytest.fixture
def bundle(tmp_path):
    folder = make_bundle(tmp_path / "toy")
    (folder / "components").mkdir()
    (folder / "components" / "own.py").write_text("x = 1\n")
    (folder / "weights.safetensors").write_text("numbers")
    return folder


def test_a_bundle_is_sealed_until_somebody_trusts_it(bundle):
    assert level_of(bundle) == SEALED
    assert level_of(bundle, once=True).trusted
    assert level_of(bundle) == SEALED
    trust(bundle)
    assert level_of(bundle).digest == consents()[str(bundle)].digest


@pytest.mark.parametrize("name", ["components/own.py", "configs/sum.yaml", "metadata.json", "components/new.so", "odd"])
def test_one_byte_changed_and_it_is_refused_with_both_digests(bundle, name):
    before = trust(bundle).digest
    with (bundle / name).open("a") as file:
        file.write("#")
    with pytest.raises(PolicyError, match=f"{name} changed") as caught:
        level_of(bundle)
    assert before in caught.value.expected
    assert len(caught.value.got) == len(before) == 64
    assert "bundlert trust" in caught.value.hint
    trust(bundle)
    assert level_of(bundle).trusted


def test_a_file_that_went_is_a_change_too(bundle):
    trust(bundle)
    (bundle / "components" / "own.py").unlink()
    with pytest.raises(PolicyError, match=r"components/own\.py changed"):
        level_of(bundle)


def test_weights_and_pictures_hold_no_code(bundle):
    trust(bundle)
    (bundle / "weights.safetensors").write_text("others")
    (bundle / "report.png").write_text("")
    assert level_of(bundle).trusted


def test_the_way_to_a_bundle_doesnt_matter(bundle, monkeypatch):
    trust(bundle)
    monkeypatch.chdir(bundle.parent)
    (bundle.parent / "link").symlink_to("toy")
    assert level_of(bundle.parent / "link" / "..").trusted is False
    assert level_of(bundle.parent / "link").trusted
    assert level_of(bundle / ".." / "toy").trusted


def test_a_copy_isnt_trusted(bundle, tmp_path):
    trust(bundle)
    assert level_of(bundle.rename(tmp_path / "other")) == SEALED


def test_what_a_link_leads_to_outside_can_change_unseen(bundle, tmp_path):
    (bundle / "components" / "link.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(PolicyError, match="is a link out of the bundle"):
        trust(bundle)


def test_a_link_to_another_folder_of_the_bundle_counts(bundle):
    for name in ("a", "b"):
        (bundle / name).mkdir()
    (bundle / "link").symlink_to("a")
    trust(bundle)
    (bundle / "link").unlink()
    (bundle / "link").symlink_to("b")
    with pytest.raises(PolicyError, match="link changed"):
        level_of(bundle)


def test_trust_can_be_taken_back(bundle):
    trust(bundle)
    forget(bundle)
    assert level_of(bundle) == SEALED
    with pytest.raises(PolicyError, match=r"isn't trusted\n  got: trusted: nothing"):
        forget(bundle)


def test_only_the_user_reads_and_writes_the_list(bundle, settings):
    trust(bundle)
    assert stat.S_IMODE((settings / "trust.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.stat().st_mode) == 0o700


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"a": {"digest": "x"}}'])
def test_of_a_damaged_list_nothing_is_believed(bundle, settings, text):
    settings.mkdir()
    (settings / "trust.json").write_text(text)
    with pytest.raises(PolicyError, match="is damaged"):
        level_of(bundle)


def test_the_list_says_what_was_agreed_to(bundle, settings):
    trust(bundle)
    ((path, facts),) = json.loads((settings / "trust.json").read_text()).items()
    assert path == str(bundle)
    assert {"components/own.py", "configs/sum.yaml", "metadata.json"} == set(facts["files"])


def test_files_with_code_are_found_anywhere(bundle):
    (bundle / "configs" / "Odd.PY").touch()
    (bundle / "model.ts").touch()
    assert code_of(bundle) == ["model.ts", "components/own.py", "configs/Odd.PY"]
