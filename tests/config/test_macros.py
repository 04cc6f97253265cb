import pytest
from config.toy import tree_of, written

from bundlert.config.load import load
from bundlert.config.macros import expand
from bundlert.config.merge import override, parse_override
from bundlert.config.tree import find, plain
from bundlert.errors import ConfigError


def expanded(text):
    return plain(tree_of(text))


def of_file(folder, name="a.yaml"):
    root = load(folder / name)
    expand(root)
    return plain(root)


def test_a_macro_is_a_copy_of_what_it_names():
    root = tree_of("a: {x: [1, '@b']}\nb: '%a'\nc: '%a::x::1'\n")
    assert plain(root) == {"a": {"x": [1, "@b"]}, "b": {"x": [1, "@b"]}, "c": "@b"}
    find(root, ("b", "x", "0")).value = 5
    assert find(root, ("a", "x", "0")).value == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: '%b'\nb: '%c'\nc: 1\n", {"a": 1, "b": 1, "c": 1}),
        ("c: 1\nb: '%c'\na: '%b'\n", {"a": 1, "b": 1, "c": 1}),
        ("a: '%b'\nb: {x: '%c'}\nc: 1\n", {"a": {"x": 1}, "b": {"x": 1}, "c": 1}),
        ("a: '%b::x'\nb: '%c'\nc: {x: 1}\n", {"a": 1, "b": {"x": 1}, "c": {"x": 1}}),
        ("c: {x: 1}\nb: '%c'\na: '%b::x'\n", {"a": 1, "b": {"x": 1}, "c": {"x": 1}}),
        ("a: {x: 1, y: '%::x'}\n", {"a": {"x": 1, "y": 1}}),
        ("a: {x: 1, y: ['%::::x']}\n", {"a": {"x": 1, "y": [1]}}),
        ("a: {3: x}\nb: '%a::3'\n", {"a": {3: "x"}, "b": "x"}),
        ("a: {x: '%b::x'}\nb: {x: '%::y', y: '%c::x'}\nc: {x: '%::y', y: 5}\n", None),
        ("a: '%%b'\nb: 100%\n", {"a": "%%b", "b": "100%"}),
    ],
)
def test_macros_of_macros_in_any_order(text, expected):
    if expected is None:  # the same words at two places are no circle
        expected = {"a": {"x": 5}, "b": {"x": 5, "y": 5}, "c": {"x": 5, "y": 5}}
    assert expanded(text) == expected


def test_a_macro_of_a_file_is_relative_to_the_file_it_stands_in(tmp_path):
    written(tmp_path, a_yaml="x: '%d/b.yaml::k'\nall: '%d/c.json'\n", d__b_yaml="k: ['%c.json::v', '%own']\nown: 2\n")
    written(tmp_path, d__c_json='{"v": 1}')
    assert of_file(tmp_path) == {"x": [1, 2], "all": {"v": 1}}


def test_what_a_file_brings_keeps_its_place(tmp_path):
    written(tmp_path, a_yaml="x: '%b.yaml::k'\n", b_yaml="\nk: [7]\n")
    root = load(tmp_path / "a.yaml")
    expand(root)
    assert str(find(root, ("x", "0")).mark) == f"{tmp_path}/b.yaml:2:5"


def test_a_macro_of_an_override_is_relative_to_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(written(tmp_path, d__b_yaml="k: 1\n"))
    root = tree_of("x: 0\n")
    override(root, *parse_override("x=%d/b.yaml::k"))
    expand(root)
    assert plain(root) == {"x": 1}


CIRCLES = {
    "a: '%b'\nb: '%c'\nc: '%a'\n": "macros form a circle\n  at: c.yaml:1:4 (a)\n  got: '%b' -> '%c' -> '%a' -> '%b'",
    "a: '%a'\n": "the macro '%a' copies what it stands in\n  at: c.yaml:1:4 (a)",
    "a: {x: '%a'}\n": "the macro '%a' copies what it stands in\n  at: c.yaml:1:8 (a::x)",
    "a: '%'\n": "the macro '%' copies what it stands in\n  at: c.yaml:1:4 (a)",
    "a: '%b::x'\nb: '%a::x'\n": "macros form a circle\n  at: c.yaml:1:4 (a)\n  got: '%b::x' -> '%a::x' -> '%b::x'",
}


@pytest.mark.parametrize("text", CIRCLES)
def test_a_circle_is_told_as_the_whole_chain(text):
    with pytest.raises(ConfigError) as caught:
        tree_of(text)
    assert str(caught.value) == CIRCLES[text]


def test_a_circle_through_containers_is_told():
    with pytest.raises(ConfigError, match="copies what it stands in"):
        tree_of("a: {x: '%b'}\nb: {y: '%a'}\n")


def test_a_circle_of_files_is_told(tmp_path):
    written(tmp_path, a_yaml="x: '%b.yaml::k'\n", b_yaml="k: '%c.yaml::k'\n")
    written(tmp_path, c_yaml=f"k: '%../{tmp_path.name}/b.yaml::k'\n")
    with pytest.raises(ConfigError) as caught:
        of_file(tmp_path)
    assert str(caught.value) == (
        f"macros of files form a circle\n  at: {tmp_path}/c.yaml:1:4 (k)\n"
        f"  got: {tmp_path}/b.yaml -> {tmp_path}/c.yaml -> {tmp_path}/../{tmp_path.name}/b.yaml"
    )


MISTAKES = {
    "net: {a: 1}\nx: '%nett'\n": "the macro '%nett' names nothing\n  at: c.yaml:2:4 (x)\n  try: did you mean 'net'?",
    "net: {depth: 1}\nx: '%net::dept'\n": "the macro '%net::dept' names nothing\n  at: c.yaml:2:4 (x)\n"
    "  try: did you mean 'depth'?",
    "x: '%no.yaml::a'\n": "there is no file 'no.yaml'\n  at: c.yaml:1:4 (x)",
    "x: '%::::a'\n": "the relative id '::::a' climbs 2 levels\n  at: c.yaml:1:4 (x)\n  got: 1 above it",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_macro_of_nothing_is_told(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        tree_of(text)
    assert str(caught.value) == MISTAKES[text]


def test_macros_of_macros_are_not_multiplied_without_end():
    lines = [f"a{i}: ['%a{i + 1}', '%a{i + 1}']" for i in range(30)]
    with pytest.raises(ConfigError, match="macros stand for more than 200,000 values"):
        tree_of("\n".join([*lines, "a30: x"]))


def test_long_chains_need_no_recursion():
    text = "\n".join([*(f"a{i}: '%a{i + 1}'" for i in range(2000)), "a2000: 7"])
    assert set(expanded(text).values()) == {7}
