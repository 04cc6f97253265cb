import pytest
from config.toy import built, tree_of

from bundlert.config.references import follow, referred
from bundlert.config.tree import find, joined, split
from bundlert.errors import ConfigError

TREE = """
a: '@b'
b: {x: [1, '@c'], net: {_target_: Pair, left: [7]}}
c: {y: 2}
e: $dict(k=1)
f: '@::b'
loop: '@pool::x'
pool: '@loop::y'
"""


def led(target):
    root = tree_of(TREE)
    found, rest = follow(root, split(target), find(root, ("a",)), ("a",))
    return joined(found), rest


@pytest.mark.parametrize(
    ("target", "place"),
    [
        *[("a", ("a", ())), ("a::x::0", ("b::x::0", ())), ("a::x::1::y", ("c::y", ())), ("f::x", ("b::x", ()))],
        *[("b::net::left::0", ("b::net::left::0", ())), ("b::net::total", ("b::net", ("total",)))],
        *[("e::k", ("e", ("k",))), ("b::net::_target_", ("b::net::_target_", ()))],
    ],
)
def test_a_reference_goes_through_containers_and_references_up_to_built_values(target, place):
    assert led(target) == place


MISTAKES = {
    "d": "the reference '@d' leads nowhere\n  at: c.yaml:2:4 (a)",
    "b::nett": "the reference '@b::nett' leads nowhere\n  at: c.yaml:2:4 (a)\n  try: did you mean 'b::net'?",
    "a::z::q": "the reference '@b::z::q' leads nowhere\n  at: c.yaml:2:4 (a)\n  got: there is no 'b::z'",
    "b::x::2": "the reference '@b::x::2' leads nowhere\n  at: c.yaml:2:4 (a)",
    "c::y::z": "the reference '@c::y::z' leads nowhere\n  at: c.yaml:2:4 (a)",
    "loop::k": "references form a circle\n  at: c.yaml:2:4 (a)",
}


@pytest.mark.parametrize("target", MISTAKES)
def test_a_reference_that_leads_nowhere_is_told(target):
    with pytest.raises(ConfigError) as caught:
        led(target)
    assert str(caught.value) == MISTAKES[target]


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("@a::b", ["a::b"]),
        ("@::b", ["p::b"]),
        ("$@b + @a + @b + @::c", ["b", "a", "p::c"]),
        ("plain @a", []),
        ("$'@a' # @b", []),
    ],
)
def test_what_a_text_refers_to(text, targets):
    root = tree_of("p: {x: 0}")
    node = find(root, ("p", "x"))
    node.value = text
    assert [joined(path) for path in referred(("p", "x"), node)] == targets


def test_the_object_itself_is_given_also_through_other_references():
    value = built("a: {_target_: Pair}\nb: '@a'\nc: ['@b', {d: '@c::0'}]\nl: [1]\nm: '@l'\n")
    assert value["a"] is value["b"] is value["c"][0] is value["c"][1]["d"]
    assert value["l"] is value["m"]


def test_what_lies_within_is_the_same_by_its_own_id():
    value = built("a: {x: [1], y: {z: [2]}}\nb: '@a::x'\nc: '@a::y::z'\n")
    assert value["b"] is value["a"]["x"]
    assert value["c"] is value["a"]["y"]["z"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: $dict(k=[5, 6])\nx: '@a::k::1'\n", 6),
        ("a: {_target_: Pair, left: 3}\nx: '@a::left'\n", 3),
        ("a: {_target_: Pair, left: $1 + 1}\nb: '@a'\nx: '@b::left'\n", 2),
        ("a: {_target_: same, value: {_target_: Pair, right: 4}}\nb: $@a\nx: '@b::right'\n", 4),
        ("a: $[(1, 2)]\nx: '@a::0::1'\n", 2),
        ("a: {_target_: logged, tag: 1}\nx: '@a::tag'\n", 1),
        ("a: $dict([(3, 'three')])\nx: '@a::3'\n", "three"),
    ],
)
def test_a_reference_goes_into_built_values(text, expected, calls):
    assert built(text, "x") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: $dict(key=1)\nx: '@a::kee'\n", "a dict has no 'kee'\n  try: did you mean 'key'\\?"),
        ("a: {_target_: Pair}\nx: '@a::lefd'\n", "a Pair has no 'lefd'"),
        ("a: $[1]\nx: '@a::1'\n", "a list has no '1'"),
        ("a: {_target_: Pair}\nx: '@a::_secret'\n", "a Pair has no '_secret'"),
        ("a: $'{0.__class__}'\nx: '@a::format'\n", "a str has no 'format'"),
        ("a: $np.float64(1)\nx: '@a::tofile'\n", "a float64 has no 'tofile'"),
        ("a: $np.array([1])\nx: '@a::tofile'\n", "a ndarray has no 'tofile'"),
        ("a: $print\nx: '@a::__globals__'\n", "a function has no '__globals__'"),
    ],
)
def test_what_a_built_value_does_not_show_is_told(text, message):
    with pytest.raises(ConfigError, match=f"leads nowhere\n  at: c.yaml:2:4 \\(x\\)\n  got: {message}"):
        built(text, "x")
