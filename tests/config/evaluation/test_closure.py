import threading

import pytest
import torch
from config.toy import Pair, built, computed

from bundlert.config.evaluation.closure import MAX_CALLS
from bundlert.errors import ConfigError


def test_a_lambda_is_evaluated_when_it_is_called():
    later = built("x: '$lambda a, b: a - b'", "x")
    assert (later(3, 1), later(a=5, b=1), later(9, b=2)) == (2, 4, 7)


def test_what_it_refers_to_is_built_when_it_is_called_and_once(calls):
    later = built("x: '$lambda: @a'\na: {_target_: logged, tag: a}\n", "x")
    assert calls == []
    assert later() is later()
    assert calls == ["a"]


def test_each_call_of_a_component_has_a_budget_of_its_own():
    later = built("x: '$lambda n: len([i for i in range(n)])'", "x")
    assert [later(300_000) for _ in range(3)] == [300_000] * 3
    with pytest.raises(ConfigError, match="more than 1,000,000 steps\n  got: lambda n: len"):
        later(1_000_000)


def test_lambdas_within_an_expression_share_its_budget():
    with pytest.raises(ConfigError, match="more than 1,000,000 steps"):
        computed("$[f(100_000) for f in [lambda n: len([i for i in range(n)])] for j in range(20)]")


def test_lambdas_that_a_component_calls_from_a_lambda_share_its_budget():
    net = torch.nn.Sequential(*(torch.nn.ReLU() for _ in range(20)))
    with pytest.raises(ConfigError, match="more than 1,000,000 steps"):
        computed("$(lambda: @net.apply(lambda m: len([i for i in range(50_000)])))", net=net)()


@pytest.mark.parametrize(
    "text",
    [
        "(lambda f: f(f))(lambda f: f(f))",
        "(lambda f: [f(f), f(f)])(lambda f: [f(f), f(f)])",
        "(lambda f: list(map(f, [f, f])))(lambda f: list(map(f, [f, f])))",
        "(lambda f: max([f, f], key=f))(lambda f: max([f, f], key=f))",
    ],
)
def test_a_lambda_that_calls_itself_without_end_is_stopped(text):
    with pytest.raises(ConfigError, match=f"lambdas call each other more than {MAX_CALLS} deep"):
        computed(f"${text}")


def test_a_lambda_that_calls_itself_through_the_config_is_stopped():
    net = torch.nn.ReLU()
    with pytest.raises(ConfigError, match=f"lambdas call each other more than {MAX_CALLS} deep"):
        computed("$(lambda f: f(f))(lambda f: @net.apply(lambda m: f(f)))", net=net)


def test_a_wrong_number_of_values_is_told():
    later = built("x: '$lambda a: a'", "x")
    for values in ((), (1, 2)):
        with pytest.raises(TypeError, match="'lambda a: a' takes 1 values"):
            later(*values)


def test_what_is_not_allowed_is_not_when_it_is_called_either():
    later = built("x: '$lambda a: a.tofile(1)'", "x")
    with pytest.raises(ConfigError, match=r"'.tofile' of a Tensor isn't listed for expressions\n  got: lambda a: "):
        later(torch.ones(1))


def test_nothing_of_a_lambda_can_be_read():
    for name in ("node", "evaluator", "within"):
        with pytest.raises(ConfigError, match=f"'.{name}' of a Closure isn't listed"):
            computed(f"$(lambda: 1).{name}")


def test_threads_may_call_lambdas_at_once():
    pair = Pair(built("x: '$lambda a: [@b, a]'\nb: $1 + 1\n", "x"))
    found = []
    threads = [threading.Thread(target=lambda n=n: found.append(pair.left(n))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [[2, n] for n in range(8)]
