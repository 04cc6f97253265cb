import json

from bundle.toy import make_bundle
from cli.process import bundlert


def described(*words, cwd):
    return bundlert("describe", *words, cwd=cwd)


def test_a_component_is_described_from_its_source(tmp_path):
    make_bundle(tmp_path / "bundles" / "toy", train="loss: {_target_: DiceLoss}\nrun: ['@loss']\n")
    about = json.loads(described("DiceLoss", "--json", cwd=tmp_path).stdout)
    assert (about["name"], about["kind"], about["module"]) == ("DiceLoss", "loss", "bundlert.losses.dice")
    assert about["file"].endswith("bundlert/losses/dice.py")
    assert about["uses"] == [{"bundle": "bundles/toy", "id": "loss", "at": "bundles/toy/configs/train.yaml:1"}]
    assert {"name": "softmax", "type": "bool", "required": False, "default": "False"}.items() <= next(
        one for one in about["arguments"] if one["name"] == "softmax"
    ).items()
    assert all(one["description"] for one in about["arguments"])


def test_the_page_has_arguments_shape_and_uses(tmp_path):
    done = described("UNet", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("UNet  network: ")
    assert "  kernel_size     int = 3             Width of the kernels going down, odd.\n" in done.stdout
    assert "\nShape\n  [B, in_channels, *S] -> [B, out_channels, *S]; " in done.stdout
    assert "\nRaises\n  ValueError: " in done.stdout
    assert done.stdout.endswith("\nUsed in\n  no bundle here\n")


def test_a_class_of_a_library_is_described_too(tmp_path):
    about = json.loads(described("torch.optim.Adam", "--json", cwd=tmp_path).stdout)
    assert (about["kind"], about["arguments"][1]["name"]) == ("optimizer", "lr")


def test_an_id_in_a_bundle_means_what_is_built_there(tmp_path):
    make_bundle(tmp_path / "there" / "toy", train="my_loss: {_target_: DiceLoss}\nrun: ['@my_loss']\n")
    done = described("my_loss", "--folder", "there", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["name"] == "DiceLoss"


def test_an_unknown_name_is_told_with_the_nearest(tmp_path):
    done = described("Unett", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "ComponentError: there is no component called 'Unett'\n  try: did you mean 'UNet'?\n"
    assert described("torch.nn.Conv2", cwd=tmp_path).stderr == (
        "ComponentError: 'torch.nn' has nothing called 'Conv2'\n  try: did you mean 'Conv2d'?\n"
    )
