import pytest

from bundlert.config.load import parse
from bundlert.config.macros import expand
from bundlert.config.unused import unused_keys


def unused(*texts):
    trees = []
    for number, text in enumerate(texts):
        before, after = (parse(text, f"{number}.yaml") for _ in range(2))
        expand(after)
        trees += [before, after]
    return [one.path for one in unused_keys(trees)]


def test_a_key_that_nothing_refers_to_is_told_with_the_nearest():
    (problem,) = unused_keys([parse("epochs: 1\nepoch: 2\nrun: ['@epochs']\n", "c.yaml")])
    assert str(problem) == "nothing uses the key 'epoch'\n  at: c.yaml:2:1 (epoch)\n  try: did you mean 'epochs'?"


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\nrun: ['@a']\n",
        "a: {b: 1}\nrun: ['@a::b']\n",
        "a: 1\nrun: ['$@a + 1']\n",
        "a: 1\nrun: ['%a']\n",
        "a: 1\nb: {_target_: T, _disabled_: true, x: '@a'}\nrun: ['@b']\n",
        "a: &x {b: 1}\nrun: [*x]\n",
        "a: &x {b: 1}\nrun: [{<<: *x}]\n",
        "_mine_: 1\nseed: 2\ndevice: cpu\ninitialize: []\nfinalize: []\nbundle_root: .\nimports: []\n",
    ],
)
def test_what_is_used_or_read_by_the_run_is_no_alarm(text):
    assert unused(text) == []


def test_a_key_that_only_refers_to_itself_is_unused():
    assert unused("a: {b: 1, c: '@a::b'}\nrun: [1]\n") == ["a"]


def test_a_key_of_a_shared_file_is_used_if_one_entry_uses_it():
    shared = parse("a: 1\n", "shared.yaml").value["a"]
    trees = [parse("run: ['@a']\n", "x.yaml"), parse("run: [1]\n", "y.yaml")]
    for tree in trees:
        tree.value["a"] = shared
    assert list(unused_keys(trees)) == []
    assert [one.path for one in unused_keys(trees[1:])] == ["a"]


def test_a_macro_of_another_file_uses_its_key():
    trees = [parse("a: 1\n", "x.yaml"), parse("run: ['%x.yaml::a']\n", "y.yaml")]
    assert list(unused_keys(trees)) == []
