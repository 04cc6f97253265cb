import sys

import pytest
import torch
from inferers.backends.test_exported import OneSize
from inferers.tiny import ONNXRUNTIME, Two, conv_network, needs

from bundlert.errors import BundlertError
from bundlert.inferers.backends.by_onnxruntime import onnxruntime_runner
from bundlert.inferers.backends.runner import Request
from bundlert.inferers.backends.source import Source

REQUEST = Request((1, 4, 4, 4), 3, "fp32", torch.device("cpu"))


@needs(*ONNXRUNTIME)
def test_a_network_gives_the_same_for_any_number_of_windows():
    network = Two().eval()
    runner = onnxruntime_runner(Source(network, REQUEST, None))
    with torch.inference_mode():
        for count in (1, 3, 2):
            windows = torch.rand(count, 1, 4, 4, 4)
            expected = network(windows)
            found = runner.run(windows)
            torch.testing.assert_close(found, (expected["scores"], *expected["deep"]), atol=1e-5, rtol=1e-5)


@needs(*ONNXRUNTIME)
def test_a_network_of_a_fixed_number_of_windows_gets_that_many():
    runner = onnxruntime_runner(Source(OneSize(), REQUEST, None))
    assert runner.run(torch.ones(2, 1, 4, 4, 4))[0].tolist() == torch.full((2, 1, 4, 4, 4), 3.0).tolist()


@needs(*ONNXRUNTIME)
def test_the_model_is_kept_and_a_damaged_one_made_again(tmp_path, monkeypatch):
    network, windows = conv_network(), torch.rand(2, 1, 4, 4, 4)
    expected = network(windows)
    onnxruntime_runner(Source(network, REQUEST, tmp_path))
    kept = (tmp_path / "network.onnx").read_bytes()
    (tmp_path / "network.onnx").write_bytes(kept[: len(kept) // 2])
    onnxruntime_runner(Source(network, REQUEST, tmp_path))
    assert len((tmp_path / "network.onnx").read_bytes()) == len(kept)
    monkeypatch.setattr(torch.onnx, "export", None)  # nothing is converted now
    (found,) = onnxruntime_runner(Source(network, REQUEST, tmp_path)).run(windows)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_a_missing_package_is_told_with_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(BundlertError, match=r"pip install 'bundlert\[onnxruntime\]'"):
        onnxruntime_runner(Source(conv_network(), REQUEST, None))


@needs(*ONNXRUNTIME)
def test_a_device_that_it_cant_use_is_told():
    request = REQUEST._replace(device=torch.device("meta"))
    with pytest.raises(BundlertError, match="onnxruntime can't compute on meta"):
        onnxruntime_runner(Source(conv_network(), request, None))
