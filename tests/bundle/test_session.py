import json

import pytest
from bundle.toy import make_bundle

from bundlert import progress
from bundlert.bundle.session import Request, run_entry
from bundlert.bundle.trust import SEALED
from bundlert.config.load import load
from bundlert.config.tree import plain
from bundlert.errors import BundleError, ConfigError, Problems


class Ear(progress.Display):
    def __init__(self):
        self.heard = []

    def say(self, text):
        if text != SEALED.words:  # it is said of every run
            self.heard.append(text)


def run(folder, entry="sum", **options):
    return run_entry(Request(folder, entry, runs=folder.parent / "runs", **options))


def heard_of(folder, **options):
    ear = Ear()
    with progress.shown_by(ear):
        try:
            run(folder, **options)
        except ConfigError as error:
            ear.heard.append(str(error).splitlines()[0])
    return ear.heard


def test_the_result_is_the_last_value_of_run(tmp_path):
    assert run(make_bundle(tmp_path / "toy")).result == 3
    assert run(tmp_path / "toy", overrides=["a=40"]).result == 42


def test_a_run_leaves_what_is_needed_to_repeat_it(tmp_path):
    folder = run(make_bundle(tmp_path / "toy"), overrides=["a=40"]).folder
    assert plain(load(folder / "config.yaml"))["a"] == 40
    environment = json.loads((folder / "environment.json").read_text())
    assert environment["overrides"] == ["a=40"]
    assert environment["packages"]["torch"]


def test_two_runs_at_the_same_second_have_two_folders(tmp_path):
    make_bundle(tmp_path / "toy")
    assert run(tmp_path / "toy").folder != run(tmp_path / "toy").folder


def test_initialize_comes_first_and_finalize_last(tmp_path):
    text = "initialize: ['$print(1)']\nrun: ['$print(2)', '$print(3)']\nfinalize: ['$print(4)']\n"
    assert heard_of(make_bundle(tmp_path / "toy", sum=text)) == ["1", "2", "3", "4"]


def test_finalize_comes_after_a_failure_too(tmp_path):
    text = "run: ['$int(\"x\")', '$print(3)']\nfinalize: ['$print(4)']\n"
    assert heard_of(make_bundle(tmp_path / "toy", sum=text)) == [
        "4",
        "invalid literal for int() with base 10: 'x'",
    ]


def test_nothing_is_written_when_a_mistake_is_seen_before(tmp_path):
    with pytest.raises(Problems, match="leads nowhere"):
        run(make_bundle(tmp_path / "toy", sum="run: ['@nothing']\n"))
    assert not (tmp_path / "runs").exists()


def test_a_config_without_run_cant_be_run(tmp_path):
    with pytest.raises(Problems, match="'shared' has no 'run'"):
        run(make_bundle(tmp_path / "toy", shared="a: 1\n"), "shared")


def test_a_placeholder_asks_for_its_value(tmp_path):
    folder = make_bundle(tmp_path / "toy", sum="image: ???\nrun: ['$print(@image)']\n")
    with pytest.raises(Problems, match=r"'image' needs a value\n.*\n  try: give it: image=\.\.\."):
        run(folder)
    assert not (tmp_path / "runs").exists()
    assert heard_of(folder, overrides=["image=ct.nii.gz"]) == ["ct.nii.gz"]


def test_there_is_nothing_to_resume_before_the_first_run(tmp_path):
    with pytest.raises(BundleError, match=r"there is no run of 'toy' sum"):
        run(make_bundle(tmp_path / "toy"), resume=True)


def test_a_run_that_was_stopped_before_its_first_checkpoint_begins_anew(tmp_path):
    first = run(make_bundle(tmp_path / "toy"))
    assert heard_of(tmp_path / "toy", resume=True) == [f"'{first.folder}' has no checkpoint yet: beginning anew"]
    assert run(tmp_path / "toy", resume=True).folder == first.folder


def test_what_isnt_a_run_cant_be_resumed(tmp_path):
    with pytest.raises(BundleError, match=f"'{tmp_path}' isn't a run folder"):
        run(make_bundle(tmp_path / "toy"), resume=True, resumed_run=tmp_path)


class Whole(Ear):
    def say(self, text):
        self.heard.append(text)


@pytest.mark.parametrize("trust", [False, True])
def test_the_level_is_shown_and_noted(tmp_path, trust):
    ear = Whole()
    with progress.shown_by(ear):
        folder = run(make_bundle(tmp_path / "toy"), trust=trust).folder
    noted = json.loads((folder / "environment.json").read_text())
    assert ear.heard == [noted["level"]]
    assert noted["level"].startswith("trusted: " if trust else "sealed: ")


def test_code_of_the_bundle_runs_only_with_trust(tmp_path):
    folder = make_bundle(tmp_path / "toy", sum="run: [{_target_: own_sum, a: 20, b: 22}]\n")
    (folder / "components").mkdir()
    (folder / "components" / "own.py").write_text("# component: toy, add\ndef own_sum(a, b):\n    return a + b\n")
    with pytest.raises(Problems, match="is the bundle's own code, which isn't run"):
        run(folder)
    assert run(folder, trust=True).result == 42
