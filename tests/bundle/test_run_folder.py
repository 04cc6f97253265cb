import json

import pytest

from bundlert import __version__
from bundlert.bundle.run_folder import CHECKPOINTS, CONFIG, LAST, checkpoint_of, describe, folder_to_resume, new_folder
from bundlert.config.load import load
from bundlert.config.tree import plain, planted
from bundlert.errors import BundleError, Mark


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that stands still."""
    monkeypatch.setattr("bundlert.bundle.run_folder.time.strftime", lambda _form: "2026-01-02T03-04-05")


def test_runs_of_one_second_have_folders_of_their_own(tmp_path):
    names = [new_folder(tmp_path, "toy", "train").relative_to(tmp_path).as_posix() for _ in range(3)]
    stamp = "toy/2026-01-02T03-04-05"
    assert names == [f"{stamp}-train", f"{stamp}-2-train", f"{stamp}-3-train"]


def test_the_newest_run_is_resumed_even_among_those_of_one_second(tmp_path):
    folders = [new_folder(tmp_path, "toy", "train") for _ in range(11)]
    assert folder_to_resume(tmp_path, "toy", "train", None) == folders[-1]


def test_only_runs_of_the_entry_count(tmp_path):
    first = new_folder(tmp_path, "toy", "train")
    new_folder(tmp_path, "toy", "pre-train")
    new_folder(tmp_path, "other", "train")
    assert folder_to_resume(tmp_path, "toy", "train", None) == first


def test_a_named_run_goes_before_the_newest(tmp_path):
    first, _ = (new_folder(tmp_path, "toy", "train") for _ in range(2))
    (first / CONFIG).touch()
    assert folder_to_resume(tmp_path, "toy", "train", first) == first


def test_a_run_that_cant_go_on_is_told(tmp_path):
    with pytest.raises(BundleError, match=r"there is no run of 'toy' train in '.*'\n  try: run without --resume"):
        folder_to_resume(tmp_path, "toy", "train", None)
    folder = new_folder(tmp_path, "toy", "train")
    with pytest.raises(BundleError, match=rf"'{folder}' isn't a run folder\n  expected: a config.yaml in it"):
        folder_to_resume(tmp_path, "toy", "train", folder)


def test_a_run_goes_on_from_its_last_checkpoint_if_it_kept_one(tmp_path):
    assert checkpoint_of(tmp_path) is None
    (tmp_path / CHECKPOINTS).mkdir()
    (tmp_path / CHECKPOINTS / LAST).touch()
    assert checkpoint_of(tmp_path) == tmp_path / CHECKPOINTS / LAST


def test_a_run_is_described_so_that_it_can_be_repeated(tmp_path):
    root = planted({"epochs": 3, "lr": 1e-4, "name": "0123"}, Mark("here"))
    describe(tmp_path, root, {"entry": "train", "seed": 7})
    assert plain(load(tmp_path / "config.yaml")) == {"epochs": 3, "lr": 1e-4, "name": "0123"}
    environment = json.loads((tmp_path / "environment.json").read_text())
    assert (environment["entry"], environment["seed"], environment["bundlert"]) == ("train", 7, __version__)
    assert {"torch", "numpy"} <= set(environment["packages"])
    assert environment["cores"] >= 1
