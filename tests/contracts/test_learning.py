"""What networks, losses, metrics and optimizers promise."""

import copy
import math

import pytest
import torch
from contracts.examples import LOSSES, METRIC_INPUTS, METRICS, OPTIMIZERS, SCHEDULES, components, made, make_network

from bundlert.networks.weights import load_weights, save_weights


def each(kind):
    return pytest.mark.parametrize("component", components(kind), ids=lambda one: one.name)


@each("network")
@pytest.mark.parametrize("dims", [2, 3])
def test_a_network_gives_scores_of_all_classes_on_the_grid_of_the_image(component, dims):
    network = make_network(component, dims, channels=(2, 5))
    for items in (1, 3):
        assert network(torch.randn(items, 2, *[8, 16, 12][:dims])).shape == (items, 5, *[8, 16, 12][:dims])


@each("network")
@pytest.mark.parametrize("dims", [2, 3])
def test_every_parameter_of_a_network_learns(component, dims):
    network = make_network(component, dims)
    network(torch.randn(2, 1, *[8] * dims)).square().mean().backward()
    useless = [n for n, p in network.named_parameters() if p.grad is None or not torch.isfinite(p.grad).all()]
    assert useless == []


@each("network")
def test_the_gradient_of_a_network_is_that_of_finite_differences(component):
    network = make_network(component, 2).double().eval()
    image = torch.randn(1, 1, 8, 8, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(network, image, fast_mode=True)


@each("network")
def test_a_network_is_built_again_from_its_weights(component, tmp_path):
    network, image = make_network(component, 2).eval(), torch.randn(1, 1, 8, 8)
    save_weights(network, tmp_path / "w.safetensors")
    torch.manual_seed(99)
    other = load_weights(make_network(component, 2).apply(shaken).eval(), tmp_path / "w.safetensors")
    assert torch.equal(other(image), network(image))


def shaken(module):
    for parameter in module.parameters(recurse=False):
        torch.nn.init.normal_(parameter)


def scores_of(labels, sureness):
    """Scores that give the labels' class the highest."""
    classes = torch.nn.functional.one_hot(labels[:, 0], 3).movedim(-1, 1)
    return sureness * classes.to(torch.double)


@each("loss")
def test_a_loss_is_one_finite_number_that_falls_as_scores_improve(component):
    loss, labels = made(component, **LOSSES[component.name]), torch.arange(8).view(2, 1, 2, 2) % 3
    values = [loss(scores_of(labels, sureness), labels) for sureness in (-5, 0, 1, 5, 20)]
    assert all(value.shape == () and math.isfinite(value) for value in values)
    assert [float(value) for value in values] == sorted(map(float, values), reverse=True)
    assert values[-1] < 0.01 < values[0]


@each("loss")
@pytest.mark.parametrize("shape", [(2, 3, 2, 3), (1, 3, 2, 2, 2)])
def test_the_gradient_of_a_loss_is_that_of_finite_differences(component, shape):
    chance = torch.Generator().manual_seed(0)
    scores = torch.randn(shape, generator=chance, dtype=torch.double, requires_grad=True)
    labels = torch.randint(0, 3, (shape[0], 1, *shape[2:]), generator=chance)
    loss = made(component, **LOSSES[component.name])
    assert torch.autograd.gradcheck(lambda given: loss(given, labels), scores)


def labelled():
    return (torch.arange(24).view(1, 4, 6) % 3).to(torch.uint8)


def metric_sides(component):
    """A right prediction, a wrong one and the target, of the kind that a metric looks at; the spacing in mm."""
    labels, kind = labelled(), METRIC_INPUTS.get(component.name, "labels")
    if kind == "scores":
        right = scores_of(labels[None].long(), 3)[0]
        return right, right.roll(1, dims=0), labels, None
    if kind == "slides":
        one, other = labels == 1, labels == 2
        return 0.9 * one + 0.6 * other, 0.6 * one + 0.9 * other, one, 0.001
    sides = labels, (labels + 1) % 3, labels
    return (*(side.float() for side in sides), None) if kind == "images" else (*sides, 1.0)


def make_metric(component):
    return made(component, **copy.deepcopy(METRICS[component.name]))


@each("metric")
def test_a_metric_knows_right_from_wrong(component):
    metric, (right, wrong, target, spacing) = make_metric(component), metric_sides(component)
    better = metric.update(right, target, "right", spacing=spacing)
    worse = metric.update(wrong, target, "wrong", spacing=spacing)
    assert better > worse if metric.higher_is_better else better < worse
    assert min(better, worse) <= metric.compute() <= max(better, worse)
    assert metric.cases == {"right": better, "wrong": worse}


@pytest.mark.parametrize(
    "component", [one for one in components("metric") if one.name not in METRIC_INPUTS], ids=lambda one: one.name
)
def test_a_metric_of_labels_takes_scores_too(component):
    right = labelled()
    values = [make_metric(component).update(side, right) for side in (right, scores_of(right[None].long(), 3)[0])]
    assert values[0] == values[1]


@each("metric")
def test_a_metric_forgets_when_it_is_told_to(component):
    (fresh, used), (right, wrong, target, spacing) = (
        (make_metric(component), make_metric(component)),
        metric_sides(component),
    )
    used.update(wrong, target, spacing=spacing)
    used.reset()
    for metric in (fresh, used):
        metric.update(right, target, spacing=spacing)
    assert (used.compute(), used.cases) == (fresh.compute(), fresh.cases)


@each("metric")
def test_halves_of_a_metric_merge_to_the_whole(component):
    whole, *halves = (make_metric(component) for _ in range(3))
    right, wrong, target, spacing = metric_sides(component)
    for name, side, half in (("right", right, halves[0]), ("wrong", wrong, halves[1])):
        for metric in (whole, half):
            metric.update(side, target, name, spacing=spacing)
    halves[1].merge(whole.state_dict())  # has "wrong" twice
    halves[0].merge(halves[1])
    assert (halves[0].compute(), halves[0].cases) == (whole.compute(), whole.cases)


def minimised(component, steps=200):
    """The value of (w - 3)^2 summed, before and after."""
    weights = [torch.zeros(4, requires_grad=True), torch.full((2, 2), 8.0, requires_grad=True)]
    optimizer = made(component, weights, **OPTIMIZERS[component.name])
    values = []
    for _ in range(steps):
        optimizer.zero_grad()
        value = sum((weight - 3).square().sum() for weight in weights)
        value.backward()
        optimizer.step()
        values.append(value.item())
    return values, optimizer, weights


@each("optimizer")
def test_an_optimizer_finds_the_bottom_of_a_bowl(component):
    values, _, _ = minimised(component)
    assert values[-1] < 0.01 * values[0]


@each("optimizer")
def test_an_optimizer_goes_on_from_its_state(component):
    _, optimizer, weights = minimised(component, steps=5)
    copies = [weight.detach().clone().requires_grad_() for weight in weights]
    other = made(component, copies, **OPTIMIZERS[component.name])
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))  # torch itself would share the moments
    for group, stepper in ((weights, optimizer), (copies, other)):
        for weight in group:
            weight.grad = torch.ones_like(weight)
        stepper.step()
    assert all(torch.equal(one, copied) for one, copied in zip(weights, copies, strict=True))


def scheduled(component, steps, state=None):
    """The learning rates of some steps, of a schedule that goes on from a state; and its state in the end."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    schedule = made(component, optimizer, **SCHEDULES[component.name])
    if state is not None:
        schedule.load_state_dict(state)
    found = []
    for _ in range(steps):
        optimizer.step()
        schedule.step()
        found.append(optimizer.param_groups[0]["lr"])
    return found, schedule.state_dict()


@each("schedule")
def test_a_schedule_changes_the_rate_and_goes_on_from_its_state(component):
    whole, _ = scheduled(component, 6)
    first, state = scheduled(component, 3)
    rest, _ = scheduled(component, 3, copy.deepcopy(state))
    assert len(set(whole)) > 1
    assert first + rest == whole
