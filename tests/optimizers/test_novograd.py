import copy

import pytest
import torch

from bundlert.optimizers.novograd import Novograd


def steps(count, scale=1.0, **options):
    weight = torch.tensor([1.0, 2.0, 3.0], dtype=torch.double, requires_grad=True)
    optimizer = Novograd([weight], lr=0.1, **options)
    for _ in range(count):
        optimizer.zero_grad()
        (scale * weight.square().sum()).backward()
        optimizer.step()
    return weight.tolist()


@pytest.mark.parametrize(
    ("count", "options", "expected"),
    [
        (1, {}, (0.973273873, 1.946547747, 2.919821739)),
        (2, {}, (0.923194766, 1.846389532, 2.769584417)),
        (3, {}, (0.853400826, 1.706801653, 2.560202599)),
        (3, {"weight_decay": 0.01, "grad_averaging": True}, (0.984481692, 1.968963385, 2.953445)),
    ],
)
def test_steps_are_those_worked_out_by_hand(count, options, expected):
    assert steps(count, **options) == pytest.approx(expected, abs=2e-7)


def test_the_size_of_the_loss_does_not_matter():
    assert steps(5, scale=1000.0) == pytest.approx(steps(5), rel=1e-7)


def by_hand(grads, *, lr=0.1, beta1=0.9, beta2=0.98, eps=1e-8, amsgrad=False):
    """The paper's algorithm, one number at a time."""
    weight, momentum, second, largest = [1.0, -2.0], [0.0, 0.0], None, 0.0
    for grad in grads:
        norm = sum(g * g for g in grad)
        second = norm if second is None else beta2 * second + (1 - beta2) * norm
        largest = max(largest, second)
        root = (largest if amsgrad else second) ** 0.5 + eps
        momentum = [beta1 * m + g / root for m, g in zip(momentum, grad, strict=True)]
        weight = [w - lr * m for w, m in zip(weight, momentum, strict=True)]
    return weight


@pytest.mark.parametrize("amsgrad", [False, True])
def test_it_is_the_algorithm_of_the_paper(amsgrad):
    grads = [[3.0, 4.0], [0.3, -0.1], [1.0, 1.0], [0.0, 2.0]]
    weight = torch.tensor([1.0, -2.0], dtype=torch.double, requires_grad=True)
    optimizer = Novograd([weight], lr=0.1, amsgrad=amsgrad)
    for grad in grads:
        weight.grad = torch.tensor(grad, dtype=torch.double)
        optimizer.step()
    assert weight.tolist() == pytest.approx(by_hand(grads, amsgrad=amsgrad), abs=1e-12)


def test_a_saved_state_goes_on_bit_by_bit():
    torch.manual_seed(0)
    layer, other = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    one, two = Novograd(layer.parameters(), lr=0.1), Novograd(other.parameters(), lr=0.5)
    inputs = torch.randn(4, 3)

    def step(module, optimizer):
        optimizer.zero_grad()
        module(inputs).square().mean().backward()
        optimizer.step()

    step(layer, one)
    other.load_state_dict(layer.state_dict())
    two.load_state_dict(copy.deepcopy(one.state_dict()))
    step(layer, one)
    step(other, two)
    assert all(torch.equal(a, b) for a, b in zip(layer.parameters(), other.parameters(), strict=True))


def test_parameters_without_a_gradient_stay():
    used, unused = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    used.sum().backward()
    Novograd([used, unused], lr=0.1).step()
    assert unused.tolist() == [1, 1]
    assert used.tolist() != [1, 1]


@pytest.mark.parametrize("options", [{"lr": -1}, {"eps": -1}, {"weight_decay": -1}, {"betas": (0.9, 1.0)}])
def test_numbers_out_of_range_are_told(options):
    with pytest.raises(ValueError, match="must be"):
        Novograd([torch.ones(1)], **options)
