from pathlib import Path

import pytest
import torch
from inferers.tiny import ONNXRUNTIME, OPENVINO, Remembering, Two, conv_network, needs, needs_gpu

from bundlert.errors import BundlertError
from bundlert.inferers.backends import prepared
from bundlert.inferers.backends.prepared import Prepared, Settings, checked
from bundlert.inferers.sliding_window import SlidingWindowInferer
from bundlert.progress import shown_by

CPU = torch.device("cpu")
SHAPE = (1, 4, 4, 4)
CONVERTING = [
    pytest.param("onnxruntime", marks=needs(*ONNXRUNTIME)),
    pytest.param("openvino", marks=needs(*OPENVINO)),
]


@pytest.fixture
def display():
    shown = Remembering()
    with shown_by(shown):
        yield shown


@pytest.fixture
def made(monkeypatch):
    """The ways that were made ready, in order."""
    ways, real = [], prepared.tried
    monkeypatch.setattr(prepared, "tried", lambda source, way: ways.append(str(way)) or real(source, way))
    return ways


@pytest.mark.parametrize("backend", [*CONVERTING, pytest.param("auto", marks=needs(*OPENVINO))])
def test_a_whole_image_is_the_same_by_each_backend(backend, tmp_path, display):
    network, image = Two().eval(), torch.rand(2, 1, 8, 8, 20)
    with torch.inference_mode():
        expected = SlidingWindowInferer((8, 8, 8), 4, 0.4, "gaussian")(network, image)
        for _ in range(2):  # made, then kept in a folder
            other = SlidingWindowInferer((8, 8, 8), 4, 0.4, "gaussian", backend=backend, cache_dir=tmp_path)
            for _ in range(2):  # kept in memory
                torch.testing.assert_close(other(network, image), expected, atol=1e-4, rtol=1e-4)
    told = [said for said in display.said if "differs by" in said]
    assert len(told) == 2
    (folder,) = tmp_path.iterdir()
    assert len(folder.name) == 64


@pytest.mark.parametrize("backend", CONVERTING)
def test_a_network_is_converted_once_for_its_weights_and_shape(backend, made):
    network, ready = conv_network(), Prepared(Settings(backend))
    first = ready.runner(network, SHAPE, 2, CPU)
    assert ready.runner(network, SHAPE, 2, CPU) is first
    assert ready.runner(network, (1, 4, 4, 8), 2, CPU) is not first
    assert len(made) == 2
    with torch.no_grad():
        network[0].weight.mul_(2)
    again = ready.runner(network, SHAPE, 2, CPU)
    windows = torch.rand(2, 1, 4, 4, 4)
    torch.testing.assert_close(again.run(windows), network(windows), atol=1e-5, rtol=1e-5)
    assert len(made) == 3


@needs(*OPENVINO)
def test_autocast_around_allows_half_precision_and_a_named_precision_overrules_it(made):
    network = conv_network()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        Prepared(Settings("openvino")).runner(network, SHAPE, 2, CPU)
        Prepared(Settings("openvino", "fp32")).runner(network, SHAPE, 2, CPU)
    Prepared(Settings("openvino", "bf16")).runner(network, SHAPE, 2, CPU)
    assert made == ["openvino bf16", "openvino fp32", "openvino bf16"]


@needs(*ONNXRUNTIME)
def test_what_knows_float32_alone_computes_in_it_whatever_surrounds_it(made):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        Prepared(Settings("onnxruntime")).runner(conv_network(), SHAPE, 2, CPU)
    assert made == ["onnxruntime fp32"]


def test_auto_measures_once_and_keeps_its_choice_when_weights_change(monkeypatch, display):
    calls, real = [], prepared.chosen

    def counted(source, **options):
        calls.append(options["known"])
        return real(source, **options)

    monkeypatch.setattr(prepared, "chosen", counted)
    network, ready = conv_network(), Prepared(Settings("auto"))
    for _ in range(3):
        ready.runner(network, SHAPE, 2, CPU)
    with torch.no_grad():
        network[0].weight.mul_(2)
    ready.runner(network, SHAPE, 2, CPU)
    assert len(calls) == 2
    assert calls[0] is None
    assert f"inference by {calls[1]}: " in display.said[-2]
    assert display.said[-1].startswith(f"inference by {calls[1]}, as chosen before")


def test_only_the_last_few_networks_are_kept(monkeypatch):
    monkeypatch.setattr(prepared, "_KEPT", 2)
    ready, networks = Prepared(Settings("auto")), [conv_network(seed) for seed in range(3)]
    for network in networks:
        ready.runner(network, SHAPE, 2, CPU)
    assert [kept[0] for kept in ready._kept.values()] == networks[1:]


def test_auto_runs_functions_and_networks_in_training_as_they_are(display):
    ready = Prepared(Settings("auto"))
    windows = torch.rand(2, 1, 4, 4, 4)
    assert torch.equal(ready.runner(lambda given: given * 2, SHAPE, 2, CPU).run(windows), windows * 2)
    ready.runner(conv_network().train(), SHAPE, 2, CPU)
    assert display.said == []


@pytest.mark.parametrize(
    ("network", "got"), [(lambda given: given, "a function"), (conv_network().train(), "in training")]
)
def test_other_backends_refuse_them(network, got):
    with pytest.raises(ValueError, match=f"backend openvino runs networks in evaluation mode, got one that is {got}"):
        Prepared(Settings("openvino")).runner(network, SHAPE, 2, CPU)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings("tensorrt"), "backend must be one of auto, eager, compile, onnxruntime, openvino, got 'tensorrt'"),
        (Settings(precision="half"), "precision must be one of fp32, bf16, fp16, got 'half'"),
        (Settings("onnxruntime", "bf16"), "onnxruntime computes in fp32 only, got precision 'bf16'"),
    ],
)
def test_settings_that_dont_exist_are_told(settings, message):
    with pytest.raises(ValueError, match=message):
        checked(settings)


def test_a_folder_that_cant_be_written_is_told():
    network = conv_network()
    with pytest.raises((OSError, BundlertError)):
        Prepared(Settings("auto", cache_dir=Path("/proc/nowhere"))).runner(network, SHAPE, 2, CPU)


@needs_gpu
def test_auto_on_a_gpu_gives_the_same():
    network, image = conv_network().cuda(), torch.rand(1, 1, 8, 8, 20).cuda()
    with torch.inference_mode():
        found = SlidingWindowInferer((8, 8, 8), 2, backend="auto")(network, image)
        expected = SlidingWindowInferer((8, 8, 8), 2)(network, image)
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-3)
