import torch
from inferers.tiny import conv_network
from torch import nn

from bundlert.inferers.backends import ways
from bundlert.inferers.backends.runner import Request
from bundlert.inferers.backends.source import Source
from bundlert.inferers.backends.ways import Way, runner_of, ways_here


def source(network, shape=(1, 4, 4, 4), precision="fp32", device="cpu"):
    return Source(network, Request(shape, 2, precision, torch.device(device)), None)


def test_without_other_packages_there_is_torch_in_both_layouts(monkeypatch):
    monkeypatch.setattr(ways, "installed", lambda *_packages: False)
    convolution = conv_network()
    assert [str(way) for way in ways_here(source(convolution), channels_last=None)] == [
        "eager fp32",
        "eager fp32 channels_last",
    ]
    assert ways_here(source(convolution), channels_last=True) == [Way("eager", "fp32", channels_last=True)]
    assert ways_here(source(nn.Linear(4, 4)), channels_last=None) == [Way("eager")]
    assert [way.precision for way in ways_here(source(convolution, precision="bf16"), channels_last=False)] == [
        "fp32",
        "bf16",
    ]


def test_what_is_installed_is_a_way_openvino_on_the_cpu_alone(monkeypatch):
    monkeypatch.setattr(ways, "installed", lambda *_packages: True)
    found = [str(way) for way in ways_here(source(nn.Identity(), precision="bf16"), channels_last=None)]
    assert found == ["eager fp32", "eager bf16", "onnxruntime fp32", "openvino fp32", "openvino bf16"]
    on_a_gpu = source(nn.Identity(), device="cuda")
    assert [way.backend for way in ways_here(on_a_gpu, channels_last=None)] == ["eager", "onnxruntime"]


def test_pairs_of_volumes_are_a_way_on_the_cpu_where_more_are_allowed(monkeypatch):
    monkeypatch.setattr(ways, "installed", lambda *_packages: False)
    four = Source(conv_network(), Request((1, 4, 4, 4), 4, "bf16", torch.device("cpu")), None)
    found = ways_here(four, channels_last=None)
    assert [str(way) for way in found if way.most] == [
        "eager fp32 channels_last by 2",
        "eager bf16 channels_last by 2",
    ]
    assert runner_of(four, found[-1]).group(4) == 2


def test_a_way_of_torch_is_as_it_says():
    network = conv_network()
    for layout in (False, True):
        assert runner_of(source(network), Way("eager", "fp32", layout)).channels_last == layout
    windows = torch.rand(2, 1, 4, 4, 4)
    assert runner_of(source(network), Way("eager", "bf16")).run(windows).dtype is torch.bfloat16
