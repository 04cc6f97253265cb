import pytest

from bundlert.config.load import parse
from bundlert.config.merge import merge, override, parse_override
from bundlert.config.tree import find, plain
from bundlert.errors import ConfigError

NET = "net: {_target_: UNet, channels: [4, 8]}\nepochs: 3\n"
COMPUTED = "net: {_target_: UNet, channels: [4, 8], of: '@epochs'}\nepochs: 3\n"


def merged(*texts):
    base = parse(texts[0], "base.yaml")
    for text in texts[1:]:
        merge(base, parse(text, "top.yaml"))
    return plain(base)


def overridden(text, *overrides):
    root = parse(text, "c.yaml")
    for one in overrides:
        override(root, *parse_override(one))
    return plain(root)


def value_of(text):
    return plain(parse_override(text)[1])


@pytest.mark.parametrize(
    ("base", "top", "expected"),
    [
        ("a: {x: 1}", "a: {y: 2}", {"a": {"y": 2}}),
        ("a: {x: {k: 1}, z: 0}", "+a: {x: {m: 2}}", {"a": {"x": {"m": 2}, "z": 0}}),
        ("a: [1]", "+a: [2, 3]", {"a": [1, 2, 3]}),
        ("{}", "+a: [2]", {"a": [2]}),
        ("a: {b: [1, {c: 2}]}", "a::b::1::c: 3", {"a": {"b": [1, {"c": 3}]}}),
        ("a: {b: [1]}", "a#b#1: 2", {"a": {"b": [1, 2]}}),
        ("a: {b: [1]}", "+a::b: [2]", {"a": {"b": [1, 2]}}),
        ("a: {b: [1]}", "+a::c: [2]", {"a": {"b": [1], "c": [2]}}),
        ("a: {2: x}", "a::2: y", {"a": {2: "y"}}),
        ("a: {b: 1}", "a: {+b: 2}", {"a": {"+b": 2}}),
        ("'': 1", "'': 2", {"": 2}),
        ("a: 1", "'+': [2]", {"a": 1, "": [2]}),
    ],
)
def test_files_are_merged_key_by_key(base, top, expected):
    assert merged(base, top) == expected


def test_the_last_of_three_wins_and_deep_keys_come_after_plain_ones():
    assert merged("a: {x: 1}", "a: {x: 2}", "a::x: 3") == {"a": {"x": 3}}
    assert merged("a: {x: 1}", "a::x: 3\na: {x: 2}") == {"a": {"x": 3}}


MISTAKES = {
    "trian::epochs: 1": "there is no 'trian' to set 'trian::epochs' in\n  at: top.yaml:1:1 (trian::epochs)\n"
    "  try: did you mean 'train'?",
    "train::a::b::c: 1": "there is no 'train::a' to set 'train::a::b::c' in\n  at: top.yaml:1:1 (train::a::b::c)",
    "train::list::3: 1": "there is no 'train::list::3' to set 'train::list::3' in\n  at: top.yaml:1:1 (train::list::3)",
    "train::epochs::x: 1": "there is no 'train::epochs::x' to set 'train::epochs::x' in\n"
    "  at: top.yaml:1:1 (train::epochs::x)",
    "+train: [1]": "'+train' joins two mappings or two lists\n  at: top.yaml:1:1 (train)\n  got: dict and list\n"
    "  try: write 'train' to replace the value",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_what_cannot_be_merged_is_told(text):
    with pytest.raises(ConfigError) as caught:
        merged("train: {epochs: 1, list: [1, 2]}", text)
    assert str(caught.value) == MISTAKES[text]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[
            ("a=true", True),
            ("a=no", False),
            ("a=null", None),
            ("a=", None),
            ("a=1", 1),
            ("a=1e-4", 1e-4),
            ("a=-2.5", -2.5),
        ],
        *[("a=[1, 2]", [1, 2]), ("a={a: 1}", {"a": 1}), ("a='1'", "1"), ('a="true"', "true"), ("a=x y", "x y")],
        *[("a=@b", "@b"), ("a=$1 + 1", "$1 + 1"), ("a=%b", "%b"), ("a=#f00", "#f00"), ("a==b", "=b"), ("a=b=c", "b=c")],
        *[("a=/x/y.nii", "/x/y.nii"), ("a=[1", "[1"), ("a=!x", "!x"), ("a=12:30", "12:30"), ("a=b: c: d", "b: c: d")],
        *[("a=\udcff", "\udcff"), ("a=None", None)],
    ],
)
def test_the_value_of_an_override_is_read_as_yaml(text, value):
    result = value_of(text)
    assert (type(result), result) == (type(value), value)


@pytest.mark.parametrize("text", ["a", "=1", "+=1", ""])
def test_an_override_needs_a_name_and_an_equals_sign(text):
    with pytest.raises(ConfigError) as caught:
        parse_override(text)
    assert str(caught.value) == (
        f"'{text}' isn't an override\n  at: override '{text}'\n  expected: id=value, as in epochs=2"
    )


def test_an_override_sets_what_is_declared():
    assert overridden(NET, "epochs=5", "net::channels::1=16", "net#channels#2=32") == {
        "net": {"_target_": "UNet", "channels": [4, 16, 32]},
        "epochs": 5,
    }


def test_an_override_may_give_a_component_a_new_argument_and_join():
    assert overridden(NET, "net::dropout=0.5", "+net::channels=[16]")["net"] == {
        "_target_": "UNet",
        "channels": [4, 8, 16],
        "dropout": 0.5,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epoch=7", r"nothing called 'epoch' is declared\n  at: override 'epoch=7'\n  try: did you mean 'epochs'\?"),
        (
            "net::of::x=7",
            r"'net::of' is computed, so nothing can be set in it\n  at: override 'net::of::x=7'\n"
            r"  got: @epochs at c\.yaml:1:\d+\n"
            r"  try: set what it is computed from, or all of it: net::of=\.\.\.",
        ),
        ("zzz=7", r"nothing called 'zzz' is declared\n  at: override 'zzz=7'\n  try: declared here: epochs, net"),
        ("epochs::x=7", r"nothing called 'epochs::x' is declared\n  at: override 'epochs::x=7'"),
        ("net::channels::3=7", r"nothing called 'net::channels::3' is declared\n.*\n  try: declared here: 0, 1"),
        ("+epochs=[7]", r"'\+epochs' joins two mappings or two lists\n  at: override '\+epochs=\[7\]' \(epochs\)"),
    ],
)
def test_an_override_of_nothing_is_told(text, message):
    with pytest.raises(ConfigError, match=f"^{message}"):
        overridden(COMPUTED, text)


def test_an_override_marks_all_its_values():
    root = parse(NET, "c.yaml")
    override(root, *parse_override("net::channels=[1, {a: 2}]"))
    assert str(find(root, ("net", "channels", "1", "a")).mark) == "override 'net::channels=[1, {a: 2}]'"
