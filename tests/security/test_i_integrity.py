"""Group I: what was trusted is what runs."""

import pytest
from bundle.toy import make_bundle

from bundlert.bundle import session
from bundlert.bundle.session import Request, run_entry
from bundlert.bundle.trust import trust
from bundlert.errors import PolicyError


def run(folder, **options):
    return run_entry(Request(folder, "sum", runs=folder.parent / "runs", **options))


@pytest.fixture
def with_code(tmp_path, monkeypatch):
    monkeypatch.setenv("BUNDLERT_CONFIG", str(tmp_path / "settings"))
    folder = make_bundle(tmp_path / "toy", sum="run: [{_target_: components.own.add, a: 20, b: 22}]\n")
    (folder / "components").mkdir()
    (folder / "components" / "own.py").write_text("def add(a, b):\n    return a + b\n")
    return folder


def changing(monkeypatch, step, file, text):
    """Let a file be changed right before a step of a run."""
    real = getattr(session, step)

    def changed(*given, **named):
        file.write_text(text)
        return real(*given, **named)

    monkeypatch.setattr(session, step, changed)


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize("step", ["assemble", "problems_of", "do_steps"])
def test_I9_code_that_is_changed_after_it_was_trusted_is_not_run(with_code, monkeypatch, tmp_path, once, step):
    if not once:
        trust(with_code)
    evil = f"open({str(tmp_path / 'marker')!r}, 'w')\ndef add(a, b): ...\n"
    changing(monkeypatch, step, with_code / "components" / "own.py", evil)
    with pytest.raises(PolicyError, match=r"own\.py' isn't what was trusted: it was changed in the meantime"):
        run(with_code, trust=once)
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize("name", ["configs/sum.yaml", "components/__init__.py"])
def test_I9_neither_are_configs_and_files_that_are_new(with_code, monkeypatch, once, name):
    if not once:
        trust(with_code)
    changing(monkeypatch, "assemble", with_code / name, "a: 1\nrun: [$@a]\n")
    with pytest.raises(PolicyError, match=f"{name}' isn't what was trusted"):
        run(with_code, trust=once)


def test_I9_what_is_changed_later_is_another_runs_matter(with_code, monkeypatch):
    trust(with_code)
    assert run(with_code).result == 42
    (with_code / "configs" / "sum.yaml").write_text("run: ['$1']\n")
    with pytest.raises(PolicyError, match="isn't what you trusted"):
        run(with_code)
