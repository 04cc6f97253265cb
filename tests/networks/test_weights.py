import json
import struct

import pytest
import torch
from torch import nn

from bundlert.errors import WeightsError
from bundlert.networks.weights import load_weights, read_tensors, save_weights, write_tensors


def make(width=3):
    return nn.Sequential(nn.Linear(2, width), nn.BatchNorm1d(width))


def test_weights_come_back_bit_by_bit(tmp_path):
    network, other = make(), make()
    save_weights(network, tmp_path / "w.safetensors")
    assert load_weights(other, tmp_path / "w.safetensors") is other
    for name, tensor in network.state_dict().items():
        assert torch.equal(other.state_dict()[name], tensor)


def test_words_about_weights_stand_in_the_header(tmp_path):
    save_weights(make(), tmp_path / "w.safetensors", {"dice": 0.5})
    _, header = read_tensors(tmp_path / "w.safetensors")
    assert json.loads(header["about"]) == {"dice": 0.5}


def test_weights_of_another_network_are_told_as_a_table(tmp_path):
    save_weights(make(4), tmp_path / "w.safetensors")
    with pytest.raises(WeightsError, match="belong to another network") as caught:
        load_weights(make(3), tmp_path / "w.safetensors")
    assert caught.value.got == (
        "6 of another shape: 0.weight: (4, 2) in the file, (3, 2) in the network, 0.bias: (4,) in the file, (3,) in "
        "the network, 1.weight: (4,) in the file, (3,) in the network, 1.bias: (4,) in the file, (3,) in the network, "
        "1.running_mean: (4,) in the file, (3,) in the network and 1 more"
    )


def test_missing_and_extra_weights_are_told(tmp_path):
    save_weights(nn.Sequential(nn.Linear(2, 3)), tmp_path / "w.safetensors")
    with pytest.raises(WeightsError, match=r"5 missing in the file: 1\.weight, 1\.bias"):
        load_weights(make(), tmp_path / "w.safetensors")
    load_weights(make(), tmp_path / "w.safetensors", strict=False)
    save_weights(make(), tmp_path / "w.safetensors")
    with pytest.raises(WeightsError, match=r"5 not in the network: 1\.bias"):
        load_weights(nn.Sequential(nn.Linear(2, 3)), tmp_path / "w.safetensors")


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(bad, tmp_path):
    network = make()
    network[0].bias.data[1] = bad
    save_weights(network, tmp_path / "w.safetensors")
    with pytest.raises(WeightsError, match=r"hold NaN or infinity\n  got: 0\.bias"):
        load_weights(make(), tmp_path / "w.safetensors")


@pytest.mark.parametrize("name", ["model.pt", "model.ts", "model.pth"])
def test_files_that_may_hold_code_are_refused_before_they_are_opened(name, tmp_path):
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(WeightsError, match=r"may hold code and isn't loaded\n  expected: a \.safetensors file"):
        load_weights(make(), tmp_path / name)


def test_a_missing_file_is_told_with_the_nearest(tmp_path):
    save_weights(make(), tmp_path / "model.safetensors")
    with pytest.raises(WeightsError, match=r"there are no weights '.*'\n.*\n  try: did you mean 'model\.safetensors'"):
        load_weights(make(), tmp_path / "modle.safetensors")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x08",
        struct.pack("<Q", 1 << 40) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 9) + b'{"a": 1}}',
    ],
)
def test_a_damaged_file_is_refused(content, tmp_path):
    (tmp_path / "w.safetensors").write_bytes(content)
    with pytest.raises(WeightsError, match="isn't a whole safetensors file"):
        load_weights(make(), tmp_path / "w.safetensors")


def test_a_failed_write_leaves_the_old_file(tmp_path):
    file = tmp_path / "w.safetensors"
    write_tensors(file, {"a": torch.ones(2)})
    with pytest.raises(AttributeError):
        write_tensors(file, {"a": "no tensor"})
    assert read_tensors(file)[0]["a"].tolist() == [1, 1]
    assert [one.name for one in tmp_path.iterdir()] == ["w.safetensors"]
