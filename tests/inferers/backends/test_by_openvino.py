import os
import subprocess
import sys

import pytest
import torch
from inferers.backends.test_exported import OneSize
from inferers.tiny import OPENVINO, Two, conv_network, needs

from bundlert.errors import BundlertError
from bundlert.inferers.backends import by_openvino
from bundlert.inferers.backends.by_openvino import openvino_runner
from bundlert.inferers.backends.runner import Request
from bundlert.inferers.backends.source import Source

REQUEST = Request((1, 4, 4, 4), 3, "fp32", torch.device("cpu"))


@needs(*OPENVINO)
def test_a_network_gives_the_same_for_any_number_of_windows():
    network = Two().eval()
    runner = openvino_runner(Source(network, REQUEST, None), "fp32")
    with torch.inference_mode():
        for count in (1, 3, 2, 3):
            windows = torch.rand(count, 1, 4, 4, 4)
            expected = network(windows)
            found = runner.run(windows)
            torch.testing.assert_close(found, (expected["scores"], *expected["deep"]), atol=1e-5, rtol=1e-5)


@needs(*OPENVINO)
def test_weights_that_change_later_dont_change_what_was_converted():
    network, windows = conv_network(), torch.rand(3, 1, 4, 4, 4)
    expected = network(windows)
    runner = openvino_runner(Source(network, REQUEST, None), "fp32")
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    torch.testing.assert_close(runner.run(windows)[0], expected, atol=1e-5, rtol=1e-5)


@needs(*OPENVINO)
def test_half_precision_is_near():
    network, windows = conv_network(), torch.rand(3, 1, 4, 4, 4)
    (found,) = openvino_runner(Source(network, REQUEST, None), "bf16").run(windows)
    torch.testing.assert_close(found, network(windows), atol=2e-2, rtol=2e-2)
    assert found.dtype is torch.float32


@needs(*OPENVINO)
def test_a_network_of_a_fixed_number_of_windows_gets_that_many():
    runner = openvino_runner(Source(OneSize(), REQUEST, None), "fp32")
    assert runner.run(torch.ones(2, 1, 4, 4, 4))[0].tolist() == torch.full((2, 1, 4, 4, 4), 3.0).tolist()


@needs(*OPENVINO)
def test_the_model_is_kept_and_a_damaged_one_made_again(tmp_path, monkeypatch):
    network, windows = conv_network(), torch.rand(2, 1, 4, 4, 4)
    expected = network(windows)
    openvino_runner(Source(network, REQUEST, tmp_path), "fp32")
    kept = (tmp_path / "network.xml").read_text(encoding="utf-8")
    (tmp_path / "network.xml").write_text(kept[: len(kept) // 2], encoding="utf-8")
    openvino_runner(Source(network, REQUEST, tmp_path), "fp32")
    assert len((tmp_path / "network.xml").read_text(encoding="utf-8")) == len(kept)
    monkeypatch.setattr(by_openvino, "converting", None)  # nothing is converted now
    (found,) = openvino_runner(Source(network, REQUEST, tmp_path), "fp32").run(windows)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


@needs(*OPENVINO)
def test_its_maker_is_not_told_of_its_use(tmp_path):
    code = (
        "import sys, torch\n"
        "from bundlert.inferers.sliding_window import SlidingWindowInferer\n"
        "network = torch.nn.Conv2d(1, 1, 1).eval()\n"
        "SlidingWindowInferer((4, 4), backend='openvino')(network, torch.rand(1, 1, 8, 8))\n"
        "print(sorted(name for name, module in sys.modules.items() if 'openvino_telemetry' in name and module))\n"
    )
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert not (tmp_path / "intel").exists()


@needs(*OPENVINO)
def test_ctrl_c_is_still_handled_after_networks_came_and_went():
    code = (
        "import gc, os, signal, torch\n"
        "from bundlert.inferers.sliding_window import SlidingWindowInferer\n"
        "network = torch.nn.Conv2d(1, 1, 1).eval()\n"
        "for _ in range(2):\n"
        "    for size in (8, 12):  # groups of 4, and of 3\n"
        "        SlidingWindowInferer((4, 4), 4, 0, backend='openvino')(network, torch.rand(1, 1, size, size))\n"
        "gc.collect()\n"
        "try:\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    signal.pause()\n"
        "except KeyboardInterrupt:\n"
        "    print('stopped')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "stopped\n")


def test_a_missing_package_is_told_with_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(BundlertError, match=r"pip install 'bundlert\[openvino\]'"):
        openvino_runner(Source(conv_network(), REQUEST, None), "fp32")


def test_it_computes_on_the_cpu_only():
    request = REQUEST._replace(device=torch.device("meta"))
    with pytest.raises(BundlertError, match="openvino computes on the CPU only"):
        openvino_runner(Source(conv_network(), request, None), "fp32")
