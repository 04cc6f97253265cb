import json

from bundle.toy import make_bundle
from cli.process import bundlert

TEXT = "epochs: 2\noptimizer: {lr: 0.1}\nrun: ['$@epochs']\n"


def shown(*words, cwd):
    return bundlert("show", "toy", "train", *words, cwd=cwd)


def test_only_a_part_is_printed_if_asked(tmp_path):
    make_bundle(tmp_path / "toy", train=TEXT)
    assert shown("--id", "optimizer::lr", cwd=tmp_path).stdout == "0.1\n"
    assert json.loads(shown("--id", "optimizer", "--json", cwd=tmp_path).stdout) == {"lr": 0.1}


def test_config_files_are_merged_over_and_overrides_have_the_last_word(tmp_path):
    make_bundle(tmp_path / "toy", train=TEXT)
    (tmp_path / "more.yaml").write_text("epochs: 5\noptimizer: {lr: 0.5}\n")
    words = ["--config", "more.yaml", "epochs=9", "--json"]
    found = json.loads(shown(*words, cwd=tmp_path).stdout)
    assert (found["epochs"], found["optimizer"]["lr"]) == (9, 0.5)


def test_an_unknown_part_is_told_with_the_nearest(tmp_path):
    make_bundle(tmp_path / "toy", train=TEXT)
    done = shown("--id", "epoch", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "ConfigError: the config has no 'epoch'\n  try: did you mean 'epochs'?\n"


def test_the_origin_of_each_value_is_told_aligned(tmp_path):
    make_bundle(tmp_path / "toy", train=TEXT)
    done = shown("--origin", "--id", "optimizer", "optimizer::lr=0.5", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "lr: 0.5  override 'optimizer::lr=0.5'\n")
    (first, *_) = shown("--origin", cwd=tmp_path).stdout.splitlines()
    assert first.split() == ["epochs:", "2", "toy/configs/train.yaml:1"]


def test_origins_are_data_too(tmp_path):
    make_bundle(tmp_path / "toy", train=TEXT)
    rows = json.loads(shown("--origin", "--id", "optimizer", "--json", cwd=tmp_path).stdout)
    assert rows == [{"id": "optimizer::lr", "value": 0.1, "origin": "toy/configs/train.yaml", "line": 2, "column": 17}]
