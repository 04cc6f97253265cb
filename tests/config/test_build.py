import pytest
from config.toy import REGISTRY, Pair, built, tree_of

from bundlert.config.build import Builder
from bundlert.errors import ComponentError, ConfigError


def builder_of(text):
    return Builder(tree_of(text), REGISTRY)


def error_of(text, config_id="x"):
    with pytest.raises((ConfigError, ComponentError)) as caught:
        built(text, config_id)
    return str(caught.value)


def test_plain_values_are_themselves():
    assert built("a: {b: [1, null, x, '$$1', '@@a', '%%a', '#f00']}") == {
        "a": {"b": [1, None, "x", "$1", "@a", "%a", "#f00"]}
    }


def test_a_component_is_called_with_its_arguments():
    pair = built("x: {_target_: Pair, left: {_target_: Pair}, right: [$1 + 1, '@r::0']}\nr: [5]\n", "x")
    assert isinstance(pair, Pair)
    assert isinstance(pair.left, Pair)
    assert pair.right == [2, 5]


def test_every_node_is_built_once(calls):
    text = "a: {_target_: logged, tag: a}\nb: ['@a', '@a', $@a, '$(@a, @b0)']\nb0: '@a'\n"
    builder = builder_of(text)
    builder.get("b")
    builder.get()
    builder.get("a")
    assert calls == ["a"]


def test_nothing_is_built_that_nobody_asks_for(calls):
    built("a: {_target_: logged, tag: a}\nb: {_target_: logged, tag: b}\nc: {d: '@b', e: $1 / 0}\nx: '@c::d'\n", "x")
    assert calls == ["b"]


def test_what_is_needed_comes_first_in_the_order_of_writing(calls):
    text = "{_target_: logged, tag: TAG}"
    lines = [f"{tag}: {text.replace('TAG', tag)}" for tag in "abc"]
    built("\n".join([*lines, "x: {_target_: logged, tag: x, p: '@c', q: ['@a', '$[@b, @a]']}"]), "x")
    assert calls == ["c", "a", "b", "x"]


def test_only_the_branch_taken_is_built(calls):
    text = "a: {_target_: logged, tag: a}\nb: {_target_: logged, tag: b}\nf: false\n"
    built(text + "x: $@a if @f else @b\ny: $@f and @a\n", "x")
    built(text + "y: $[@f and @a, [@a for _ in range(0)]]\n", "y")
    assert calls == ["b"]


def test_a_value_can_be_forgotten_and_built_again(calls):
    builder = builder_of("a: {_target_: logged, tag: a}\nb: {_target_: logged, tag: b, a: '@a'}\n")
    builder.get("b")
    builder.forget("b")
    builder.get("b")
    assert calls == ["a", "b", "b"]


# ---- reserved keys


@pytest.mark.parametrize("off", ["true", "'True'", "' TRUE '", "1", "'1'", "'yes'", "'on'", "'$1 == 1'", "'@yes_'"])
def test_a_disabled_component_vanishes_and_its_arguments_are_not_built(off, calls):
    inner = "{_target_: logged, tag: inner}"
    text = f"yes_: true\nx: {{_target_: nonsense, _disabled_: {off}, _requires_: {inner}, a: {inner}}}\n"
    assert built(text + "l: [1, {_target_: same, _disabled_: true}, 2]\nm: {k: '@x', n: '@l'}\n", "") == {
        "yes_": True,
        "l": [1, 2],
        "m": {"k": None, "n": [1, 2]},
    }
    assert calls == []


@pytest.mark.parametrize("on", ["false", "'no'", "0", "null", "'0'", "'False'", "''"])
def test_other_words_disable_nothing(on):
    assert built(f"x: {{_target_: same, _disabled_: {on}, value: 3}}", "x") == 3


def test_a_disabled_component_is_none_by_reference_and_stays():
    text = "x: {_target_: same, _disabled_: true, value: 3}\nl: ['@x', '$@x', 1]\ny: {_target_: Pair, left: '@x'}\n"
    value = built(text)
    assert (value["l"], value["y"].left) == ([None, None, 1], None)


def test_a_disabled_argument_is_not_passed():
    assert built("x: {_target_: positive, width: 2, height: {_target_: same, _disabled_: true, value: 0}}", "x") == 2


def test_indices_do_not_shift_behind_a_disabled_element():
    assert built("l: [{_target_: same, _disabled_: true}, 7]\nx: '@l::1'\n", "x") == 7


def test_none_that_a_component_returns_stays():
    assert built("x: [{_target_: nothing}, $None, null]", "x") == [None, None, None]


def test_requirements_come_first_wherever_they_stand(calls):
    built("x: {_target_: logged, tag: x, a: {_target_: logged, tag: a}, _requires_: [{_target_: logged, tag: r}]}", "x")
    assert calls == ["r", "a", "x"]


def test_a_description_is_neither_passed_nor_parsed():
    assert built("x: {_target_: same, _desc_: '$ not @code', value: 3}", "x") == 3


def test_the_mode_callable_gives_the_call_itself(calls):
    assert built("x: {_target_: Pair, _mode_: callable}", "x") is Pair
    later = built("x: {_target_: logged, _mode_: callable, tag: t}", "x")
    assert calls == []
    assert later(more=1) == {"more": 1}
    assert error_of("x: {_target_: Pair, _mode_: lazy}") == (
        "there is no mode 'lazy'\n  at: c.yaml:1:29 (x)\n  expected: default, callable or debug"
    )


@pytest.mark.parametrize("target", ["$Pair", "$'Pair'", "'@t'"])
def test_a_target_may_be_computed(target):
    assert isinstance(built(f"t: $Pair\nx: {{_target_: {target}}}", "x"), Pair)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("Pear", r"there is no component called 'Pear'\n  at: c.yaml:1:15 \(x::_target_\)\n.*did you mean 'Pair'\?"),
        ("$'os.system'", r"there is no component called 'os.system'"),
        ("$print", r"'_target_' must name a component\n  at: c.yaml:1:15 \(x::_target_\)\n  got: <function"),
        ("'$np.array([1, 2])'", r"'_target_' must name a component"),
        ("$@l.append", r"'_target_' must name a component"),
        ("null", r"'_target_' must name a component\n.*\n  got: None"),
        ("[Pair]", r"'_target_' must name a component\n.*\n  got: \['Pair'\]"),
    ],
)
def test_only_components_can_be_built(target, message):
    with pytest.raises((ComponentError, ConfigError), match=message):
        built(f"x: {{_target_: {target}}}\nl: [1]\n", "x")


@pytest.mark.parametrize(
    "target",
    [
        *("os.system", "builtins.exec", "subprocess.run", "shutil.copyfile", "pathlib.os", "torch.load", "eval"),
        *("numpy.load", "importlib.import_module", "torch.hub.load", "torch.nn.functional.relu", "torch.optim._Any"),
        *("bundlert.files.write_text", "config.toy.Pair", "torch.optim.lr_scheduler.Counter", "torch.nn.os", "", "."),
    ],
)
def test_what_is_in_no_registry_cannot_be_built(target):
    with pytest.raises(ComponentError, match=r"there is no component called|has nothing called"):
        built(f"x: {{_target_: '{target}'}}", "x")


def test_a_listed_class_of_a_library_can_be_built():
    assert built("x: {_target_: torch.nn.Linear, in_features: 2, out_features: 3}", "x").weight.shape == (3, 2)


# ---- mistakes


def test_a_wrong_value_is_told_at_its_argument():
    assert error_of("x:\n  _target_: positive\n  width: 2\n  height: -1\n") == (
        "'positive' can't be built: height must be > 0, got -1\n  at: c.yaml:4:3 (x::height)"
    )


def test_a_wrong_argument_is_told_at_its_key():
    assert error_of("x: {_target_: positive, width: 1, tall: 2}") == (
        "'positive' can't be built: positive() got an unexpected keyword argument 'tall'\n  at: c.yaml:1:35 (x::tall)"
    )


def test_a_missing_argument_is_told_at_the_component():
    assert error_of("x: {_target_: positive}") == (
        "'positive' can't be built: positive() missing 1 required positional argument: 'width'\n  at: c.yaml:1:5 (x)"
    )


def test_a_bug_in_a_component_keeps_its_trace_and_gets_its_place():
    with pytest.raises(RuntimeError, match="a bug") as caught:
        built("x: {_target_: broken}", "x")
    assert caught.value.__notes__ == ["  at: c.yaml:1:4 (x), while building 'broken'"]
    with pytest.raises(RuntimeError, match="a bug") as caught:
        built("x: $broken()", "x")
    assert caught.value.__notes__ == ["  at: c.yaml:1:4 (x), while evaluating $broken()"]


MISTAKES = {
    "xs: 1\n": "the config has no 'x'\n  try: did you mean 'xs'?",
    "x: ???\n": "'x' needs a value\n  at: c.yaml:1:4 (x)\n  try: give it: x=...",
    "x: $1 + 'a'\n": "unsupported operand type(s) for +: 'int' and 'str'\n  at: c.yaml:1:4 (x)\n  got: $1 + 'a'",
    "x: $[1][2]\n": "list index out of range\n  at: c.yaml:1:4 (x)\n  got: $[1][2]",
    "x: $dict(a=1)['b']\n": "there is no key 'b'\n  at: c.yaml:1:4 (x)\n  got: $dict(a=1)['b']",
    "x: $1 / 0\n": "division by zero\n  at: c.yaml:1:4 (x)\n  got: $1 / 0",
    "x: $int('a')\n": "invalid literal for int() with base 10: 'a'\n  at: c.yaml:1:4 (x)\n  got: $int('a')",
    "x: $sqr(2)\n": "the name 'sqr' isn't listed for expressions\n  at: c.yaml:1:4 (x)\n  got: $sqr(2)\n"
    "  try: did you mean 'str'?",
    "x: $Pair(middle=1)\n": "Pair.__init__() got an unexpected keyword argument 'middle'\n  at: c.yaml:1:4 (x)\n"
    "  got: $Pair(middle=1)",
    "x: $torch.ones(2) + torch.ones(3)\n": "The size of tensor a (2) must match the size of tensor b (3) at "
    "non-singleton dimension 0\n  at: c.yaml:1:4 (x)\n  got: $torch.ones(2) + torch.ones(3)",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_are_told_with_their_place(text):
    assert error_of(text) == MISTAKES[text]


@pytest.mark.parametrize(
    ("text", "config_id", "chain"),
    [
        ("a: '@a'", "a", "a -> a"),
        ("a: '@b'\nb: $@c + 1\nc: [1, '@a']", "a", "a -> b -> c -> c::1 -> a"),
        ("a: {_target_: Pair, left: '@b'}\nb: '@a'", "b", "b -> a -> a::left -> b"),
        ("a: {b: '@a'}", "a", "a -> a::b -> a"),
        ("a: $@b if True else 1\nb: $@a if True else 1", "a", "a -> b -> a"),
        ("x: '@a'\na: '@b'\nb: '@a'", "x", "a -> b -> a"),
    ],
)
def test_a_circle_is_told_as_the_whole_chain(text, config_id, chain):
    message = error_of(text, config_id)
    assert message.startswith("references form a circle\n  at: c.yaml:")
    assert message.endswith(f"  got: {chain}")


def test_a_sibling_is_no_circle():
    assert built("a: {b: '@a::c', c: 1}", "a") == {"b": 1, "c": 1}


def test_after_a_mistake_other_values_can_still_be_had():
    builder = builder_of("a: $1 / 0\nb: ['@a']\nc: 3\nd: $@a if False else @c\n")
    for _ in range(2):
        with pytest.raises(ConfigError, match="division by zero"):
            builder.get("b")
    assert builder.get("d") == 3


@pytest.mark.parametrize("link", ["'@a{}'", "$@a{} + 0", "['@a{}']", "{{_target_: same, value: '@a{}'}}"])
def test_chains_of_10000_references_need_no_recursion(link):
    lines = [f"a{index}: {link.format(index + 1)}" for index in range(10_000)]
    value = built("\n".join([*lines, "a10000: 7"]), "a0")
    while isinstance(value, list):
        (value,) = value
    assert value == 7


def test_branches_that_wait_for_each_other_too_deep_are_told():
    lines = [f"a{index}: $@a{index + 1} if True else 0" for index in range(1000)]
    message = error_of("\n".join([*lines, "a1000: 7"]), "a0")
    assert message.startswith("expressions wait for each other too deep\n  at: c.yaml:")


def test_deep_nesting_needs_no_recursion():
    value = built("x: " + "[" * 499 + "$1 + 1" + "]" * 499, "x")
    for _ in range(499):
        (value,) = value
    assert value == 2
