import pytest
from config.toy import written

from bundlert.config.load import MAX_FILES, load, parse
from bundlert.config.tree import find, plain
from bundlert.errors import ConfigError


def values(folder, name="a.yaml"):
    return plain(load(folder / name))


@pytest.mark.parametrize("name", ["c.yaml", "c.yml", "C.YAML"])
def test_the_suffix_tells_yaml(name):
    assert plain(parse("a: [1, x]\n", name)) == {"a": [1, "x"]}


def test_the_suffix_tells_json():
    assert plain(parse('{"a": [1, "x"]}', "c.json")) == {"a": [1, "x"]}
    with pytest.raises(ConfigError, match="not valid JSON"):
        parse("a: 1", "c.json")


@pytest.mark.parametrize("name", ["c.yaml", "c.json"])
def test_an_empty_file_is_an_empty_config(name):
    assert plain(parse("", name)) == {}


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (
            "a: 1",
            "c.toml",
            r"'c.toml' isn't a config file\n  at: c.toml\n  expected: a name ending in .json, .yaml, .yml",
        ),
        ("- 1", "c.yaml", r"a config is a mapping of keys to values\n  at: c.yaml:1:1\n  got: a list"),
        ('"x"', "c.json", r"a config is a mapping of keys to values\n  at: c.json:1:1\n  got: a str"),
    ],
)
def test_what_is_no_config_is_told(text, name, message):
    with pytest.raises(ConfigError, match=f"^{message}$"):
        parse(text, name)


def test_a_byte_order_mark_is_skipped(tmp_path):
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"a": "\xc3\xa9"}')
    assert values(tmp_path, "a.json") == {"a": "é"}


def test_included_files_come_first_and_the_file_itself_wins(tmp_path):
    written(tmp_path, a_yaml="_include_: [b.yaml, d/c.json]\nx: 1\n", b_yaml="x: 2\ny: 2\nz: 2\n")
    written(tmp_path, d__c_json='{"x": 3, "y": 3}')
    assert values(tmp_path) == {"x": 1, "y": 3, "z": 2}


def test_an_include_is_relative_to_its_file_and_keeps_its_marks(tmp_path):
    written(tmp_path, a_yaml="_include_: d/b.yaml\n", d__b_yaml="_include_: c.yaml\n", d__c_yaml="\nx: 1\n")
    assert str(load(tmp_path / "a.yaml").child("x").mark) == f"{tmp_path}/d/c.yaml:2:4"


def test_a_file_reaches_deep_into_what_it_includes_and_joins_to_it(tmp_path):
    written(tmp_path, b_yaml="t: {e: 1, l: [1, 2]}\nh: [a]\nd: {k: 1}\n")
    written(tmp_path, a_yaml="_include_: b.yaml\nt::e: 2\nt#l#1: 3\nt::new: 4\n+h: [b]\n+d: {m: 2}\n")
    assert values(tmp_path) == {"t": {"e": 2, "l": [1, 3], "new": 4}, "h": ["a", "b"], "d": {"k": 1, "m": 2}}


def test_it_does_so_within_one_file_whatever_the_order(tmp_path):
    written(tmp_path, a_yaml="t::e: 2\n+h: [b]\nt: {e: 1}\nh: [a]\n")
    assert values(tmp_path) == {"t": {"e": 2}, "h": ["a", "b"]}


def test_what_finds_no_place_waits_for_the_tree_that_it_is_merged_over(tmp_path):
    written(tmp_path, a_yaml="_include_: b.yaml\nt::e: 2\n+h: [b]\n", b_yaml="+h: [a]\n")
    assert values(tmp_path) == {"+h": ["a", "b"], "t::e": 2}


def test_a_plain_key_replaces_what_waits_for_it(tmp_path):
    written(tmp_path, a_yaml="_include_: b.yaml\nh: [b]\n", b_yaml="+h: [a]\nh::0: 3\n")
    assert values(tmp_path) == {"h": ["b"]}


def test_a_missing_file_is_answered_with_the_nearest(tmp_path):
    written(tmp_path, a_yaml="x: 1\n_include_:\n  - netwrk.yaml\n", network_yaml="")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "a.yaml")
    assert str(caught.value) == (
        f"there is no file '{tmp_path}/netwrk.yaml'\n  at: {tmp_path}/a.yaml:3:5 (_include_::0)\n"
        "  try: did you mean 'network.yaml'?"
    )


def test_a_circle_of_includes_is_told_as_the_whole_chain(tmp_path):
    written(tmp_path, a_yaml="_include_: b.yaml\n", b_yaml=f"_include_: ../{tmp_path.name}/a.yaml\n")
    chain = f"{tmp_path}/a.yaml -> {tmp_path}/b.yaml -> {tmp_path}/../{tmp_path.name}/a.yaml"
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "a.yaml")
    assert str(caught.value).splitlines() == [
        "files include each other in a circle",
        f"  at: {tmp_path}/b.yaml:1:12 (_include_::0)",
        f"  got: {chain}",
    ]


def test_includes_of_includes_are_not_multiplied_without_end(tmp_path):
    for index in range(20):
        (tmp_path / f"{index}.yaml").write_text(f"_include_: [{index + 1}.yaml, {index + 1}.yaml]\n")
    (tmp_path / "20.yaml").write_text("a: 1\n")
    with pytest.raises(ConfigError, match=f"more than {MAX_FILES} files are included\n  at: "):
        load(tmp_path / "0.yaml")


def test_an_include_that_is_no_name_is_told(tmp_path):
    written(tmp_path, a_yaml="_include_: [1]\n")
    with pytest.raises(ConfigError, match=r"'_include_' takes the names of files\n  at: .*a.yaml:1:13 \(_include_\)"):
        load(tmp_path / "a.yaml")


def test_a_file_that_is_no_text_or_no_file_is_told(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"a: \xff")
    with pytest.raises(ConfigError, match=r"a.yaml' isn't UTF-8 text: invalid start byte at byte 3"):
        load(tmp_path / "a.yaml")
    (tmp_path / "d.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"can't read '.*d.yaml': Is a directory"):
        load(tmp_path / "d.yaml")


def test_loading_resolves_nothing(tmp_path):
    written(tmp_path, a_yaml="a: $nonsense(\nb: '@c'\nc: '%d'\n")
    assert find(load(tmp_path / "a.yaml"), ("a",)).value == "$nonsense("
