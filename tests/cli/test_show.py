import json

import numpy as np
import torch
from bundle.toy import make_bundle
from cli.process import bundlert

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.images.writing import write_image

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


CHAIN = """
chain:
  _target_: Compose
  transforms:
    - {_target_: LoadImage, keys: image}
    - {_target_: Orientation, keys: image, axcodes: LPS}
    - {_target_: Spacing, keys: image, pixdim: 2}
run: ['$1']
"""


def test_the_chains_of_a_bundle_are_shown_with_what_is_one_resampling(tmp_path):
    make_bundle(tmp_path / "toy", train=CHAIN)
    done = bundlert("show", "toy", "--pipeline", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    head, users, *lines = done.stdout.splitlines()
    assert (head, users) == ("chain  toy/configs/train.yaml:3:3, in train", "used by nothing")
    assert "   2  ┌      Orientation(axcodes='LPS')" in lines
    assert any("steps 2, 3 are done here: resampled once (bilinear)" in line for line in lines)


def test_a_chain_is_tried_on_an_image(tmp_path):
    make_bundle(tmp_path / "toy", train=CHAIN)
    write_image(Image(torch.zeros(1, 4, 6, 8), Grid((4, 6, 8), np.eye(4))), tmp_path / "ct.nii")
    done = shown("--pipeline", "chain", "--image", "ct.nii", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    (chain,) = json.loads(done.stdout)
    seen = [one["images"]["image"]["shape"] for one in chain["measured"]["steps"]]
    assert seen == [[4, 6, 8], [4, 6, 8], [2, 4, 4]]


def test_mistakes_with_chains_are_told(tmp_path):
    make_bundle(tmp_path / "toy", train=CHAIN, other="run: ['$1']\n")
    assert "did you mean 'chain'?" in shown("--pipeline", "chains", cwd=tmp_path).stderr
    assert "the bundle has no pipeline in other" in bundlert("show", "toy", "other", "--pipeline", cwd=tmp_path).stderr
    assert "Missing argument 'ENTRY'" in bundlert("show", "toy", cwd=tmp_path).stderr
    done = shown("--image", "ct.nii", cwd=tmp_path)
    assert (done.returncode, "--image and --label need --pipeline" in done.stderr) == (2, True)
