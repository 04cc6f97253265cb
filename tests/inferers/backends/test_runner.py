import pytest
import torch

from bundlert.inferers.backends.runner import Request, Runner, computing_in, filled, precision_around, random_windows

CPU = torch.device("cpu")


@pytest.mark.parametrize(("precision", "dtype"), [("bf16", torch.bfloat16), ("fp16", torch.float16)])
def test_a_half_precision_is_that_of_autocast(precision, dtype):
    with computing_in(precision, CPU):
        assert precision_around(CPU) == precision
        assert torch.nn.Linear(2, 2)(torch.ones(1, 2)).dtype is dtype
    assert precision_around(CPU) == "fp32"


def test_fp32_ends_autocast_and_none_leaves_it():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        with computing_in(None, CPU):
            assert precision_around(CPU) == "bf16"
        with computing_in("fp32", CPU):
            assert precision_around(CPU) == "fp32"


@pytest.mark.parametrize("count", [1, 2, 3])
def test_fewer_windows_are_filled_up_and_the_rest_is_cut_off(count):
    seen = []
    run = filled(lambda windows: seen.append(len(windows)) or (windows, {"double": windows * 2}), 3)
    windows = torch.arange(float(count)).view(count, 1)
    one, two = run(windows)
    assert seen == [3]
    assert torch.equal(one, windows)
    assert torch.equal(two["double"], windows * 2)


@pytest.mark.parametrize(
    ("least", "most", "batch", "group"), [(1, 0, 4, 4), (2, 0, 1, 2), (1, 2, 4, 2), (2, 2, 1, 2), (1, 2, 1, 1)]
)
def test_a_group_is_what_the_user_allows_within_what_is_wanted(least, most, batch, group):
    assert Runner(len, least=least, most=most).group(batch) == group


def test_random_windows_are_the_same_each_time_and_draw_from_nobody_elses_chance():
    request = Request((2, 4, 5), 3, "fp32", CPU)
    before = torch.get_rng_state()
    assert torch.equal(random_windows(request), random_windows(request))
    assert random_windows(request).shape == (3, 2, 4, 5)
    assert torch.equal(torch.get_rng_state(), before)
