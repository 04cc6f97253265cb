import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bundlert.optimizers.warmup_cosine import WarmupCosineSchedule


def rates(steps, *arguments, lrs=(1.0,), **options):
    """The learning rates of the first group at each step, and the schedule."""
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in lrs]
    optimizer = torch.optim.SGD(groups)
    schedule = WarmupCosineSchedule(optimizer, *arguments, **options)
    found = []
    for _ in range(steps):
        found.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        schedule.step()
    return [rate for rate, *_ in found] if len(lrs) == 1 else found


def test_it_rises_in_a_line_and_falls_along_a_cosine():
    assert rates(9, 4, 8) == pytest.approx([0, 0.25, 0.5, 0.75, 1, (1 + 0.5**0.5) / 2, 0.5, (1 - 0.5**0.5) / 2, 0])
    assert rates(3, 2, 4, warmup_multiplier=0.5) == pytest.approx([0.5, 0.75, 1])
    assert rates(8, 0, 4, cycles=1) == pytest.approx([1, 0.5, 0, 0.5, 1, 1, 1, 1])


def test_without_warm_up_it_is_the_cosine_of_torch():
    theirs = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(theirs, 20, eta_min=0.01)
    for ours in rates(20, 0, 20, 0.01, lrs=(0.3,)):
        assert ours == pytest.approx(theirs.param_groups[0]["lr"], rel=1e-9)
        theirs.step()
        schedule.step()


@given(st.integers(0, 10), st.integers(0, 20), st.floats(0, 0.01), st.floats(0, 1))
def test_the_rate_stays_between_its_bounds(warmup, more, end, first):
    found = rates(warmup + more + 3, warmup, warmup + more, end, warmup_multiplier=first, lrs=(0.1, 0.02))
    for rate, other in found:
        assert 0 <= rate <= 0.1 + 1e-12
        assert 0 <= other <= 0.02 + 1e-12
    assert all(min(pair) >= end - 1e-12 for pair in found[warmup:])
    if more:
        assert found[-1] == pytest.approx([end, end])


def test_it_goes_on_from_its_state():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = WarmupCosineSchedule(optimizer, 3, 9)
    for _ in range(4):
        optimizer.step()
        schedule.step()
    state = schedule.state_dict()
    again = WarmupCosineSchedule(optimizer, 3, 9)
    again.load_state_dict(state)
    assert again.get_last_lr() == schedule.get_last_lr()
    optimizer.step()
    again.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(rates(6, 3, 9)[5])


@pytest.mark.parametrize("numbers", [(-1, 3), (4, 3), (0, 3, -0.1)])
def test_numbers_out_of_range_are_refused(numbers):
    with pytest.raises(ValueError, match="warmup_steps <= t_total"):
        rates(1, *numbers)
