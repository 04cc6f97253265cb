import pytest
from config.toy import REGISTRY, tree_of

from bundlert.config.build import Builder
from bundlert.config.steps import do_steps, idle_steps


def done(text, times=1):
    root = tree_of(text)
    builder = Builder(root, REGISTRY)
    return [do_steps(builder, root, "run") for _ in range(times)][-1]


def test_steps_are_done_in_order_and_the_last_gives_the_value(calls):
    assert done("run: [\"$logged('a')\", {_target_: logged, tag: b}, $1 + 1]") == 2
    assert calls == ["a", "b"]


def test_steps_are_done_anew_and_what_they_refer_to_is_kept(calls):
    done("n: {_target_: logged, tag: n}\nrun: [\"$logged('a')\", $@n, {_target_: logged, tag: b, n: '@n'}]", times=2)
    assert calls == ["a", "n", "b", "a", "b"]


@pytest.mark.parametrize(
    ("text", "value"), [("a: 1", None), ("run: []", None), ("run: $1 + 1", 2), ("run: [null]", None)]
)
def test_one_step_or_none_will_do(text, value):
    assert done(text) == value


@pytest.mark.parametrize(
    "text", ["a: 1", "run: []", "run: [$1, '@a', {_target_: x}, '%b', null]", "run: [[$1], {a: '@b'}]", "run: $1"]
)
def test_what_does_something_is_fine(text):
    root = tree_of("a: 1\n")
    root.value.update(tree_of(text.replace("'%b'", "$2")).value)
    assert list(idle_steps(root, ["run"])) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("run: [$1, 5]", "c.yaml:1:11 (run::1)\n  got: 5"),
        ("run: ['print(1)']", "c.yaml:1:7 (run::0)\n  got: 'print(1)'"),
        ("run: [{a: 1}]", "c.yaml:1:7 (run::0)\n  got: plain data"),
        ("run: 5", "c.yaml:1:6 (run)\n  got: 5"),
    ],
)
def test_plain_data_is_told_as_it_does_nothing(text, place):
    (problem,) = idle_steps(tree_of(text), ["run", "finalize"])
    assert str(problem).startswith(f"nothing happens in a step of 'run'\n  at: {place}\n  expected: an expression")
