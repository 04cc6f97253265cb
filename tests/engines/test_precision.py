import pytest
import torch
from torch import nn

from bundlert.engines.precision import Autocast, Precision, make_precision

CPU = torch.device("cpu")
SMALL = 2.0**-10  # a loss whose scaled gradient float16 can hold


def one_step(precision, factor=1.0, network=None):
    """Weight and gradient after a step on the loss factor * (2 w + b)."""
    torch.manual_seed(0)
    network = network or nn.Linear(1, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.25)
    with precision.forward():
        loss = network(torch.tensor([[2.0]])).float().sum() * factor
    precision.backward(loss)
    raw = network.weight.grad.item()
    precision.step(optimizer)
    return network.weight.item(), raw


def start():
    torch.manual_seed(0)
    return nn.Linear(1, 1).weight.item()


def test_by_default_numbers_stay_as_they_are():
    weight, raw = one_step(Precision())
    assert (weight, raw) == (pytest.approx(start() - 0.25 * 2), 2.0)
    assert Precision().state_dict() == {}


@pytest.mark.parametrize(("amp", "dtype"), [(False, torch.float32), (True, torch.bfloat16), ("fp16", torch.float16)])
def test_only_the_forward_pass_is_in_the_shorter_type(amp, dtype):
    network = nn.Linear(4, 4)
    with make_precision(amp, CPU).forward():
        assert network(torch.zeros(1, 4)).dtype == dtype
    assert network(torch.zeros(1, 4)).dtype == network.weight.dtype == torch.float32


def test_gradients_of_float16_are_scaled_and_the_step_is_not():
    precision = Autocast(CPU, torch.float16)
    weight, raw = one_step(precision, SMALL)
    assert raw == 2.0 * SMALL * precision.state_dict()["scale"] > 100
    assert weight == pytest.approx(start() - 0.25 * 2 * SMALL, abs=1e-6)


def test_a_step_that_overflowed_is_left_out_and_the_scale_falls():
    precision = Autocast(CPU, torch.float16)
    before = precision.state_dict()["scale"]
    weight, _ = one_step(precision, factor=float("inf"))
    assert weight == start()
    assert precision.state_dict()["scale"] == before / 2


def test_bfloat16_needs_no_scale():
    precision = Autocast(CPU, torch.bfloat16)
    assert one_step(precision)[1] == 2.0
    assert precision.state_dict() == {}
    precision.load_state_dict({})


def test_the_scale_goes_on_from_a_checkpoint():
    first, second = Autocast(CPU, torch.float16), Autocast(CPU, torch.float16)
    one_step(first, factor=float("inf"))
    second.load_state_dict(first.state_dict())
    assert one_step(second, SMALL)[1] == 2.0 * SMALL * first.state_dict()["scale"]


def test_an_unknown_name_is_told():
    with pytest.raises(ValueError, match="amp must be true, false, fp16 or bf16, got 'int8'"):
        make_precision("int8", CPU)
