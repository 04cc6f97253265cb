import pytest
from config.toy import REGISTRY, told

from bundlert.config.evaluation.sealed import Seal

REFUSED = {
    "$lenn([1])": "the name 'lenn' isn't listed for expressions",
    "$math.squareroot(2)": "'math.squareroot' isn't listed for expressions",
    "$os.system('ls')": "'os.system' isn't listed for expressions",
    "$torch.cuda.hack()": "'torch.cuda.hack' isn't listed for expressions",
    "$'{0.x}'.format(1)": "'.format' of a str isn't listed for expressions",
    "$f'{1}'.format_map({})": "'.format_map' of a str isn't listed for expressions",
    "$1 if True else open_file('x')": "the name 'open_file' isn't listed for expressions",
    "$[os for os in [1]] + [os.system('ls')]": "'os.system' isn't listed for expressions",
    "$(lambda exec: exec)(1) or exec('1')": "the name 'exec' isn't listed for expressions",
    "$[n for n in n]": "the name 'n' isn't listed for expressions",
    "$[0 for np.pi in [1]]": "a loop can't bind 'np.pi'",
    "$os": "'os' is a module, not a value",
    "$torch.nn": "'torch.nn' is a module, not a value",
    "$os.path('a')": "'os.path' can't be called",
    "$monai.networks.nothing(1)": "there is no component called 'monai.networks.nothing'",
    "$[monai.networks.nothing]": "there is no component called 'monai.networks.nothing'",
    "$monai.data.PersistentDataset": "the field's 'monai.data.PersistentDataset' isn't built here yet",
    "$monai.transforms.Spacing.backend": "there is no component called 'monai.transforms.Spacing.backend'",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_evaluation_would_refuse_is_seen_before(text):
    (words,) = told(f'a: "{text}"\n')
    assert words.splitlines()[0] == REFUSED[text]
    assert f"\n  got: {text}" in words


@pytest.mark.parametrize(
    "text",
    [
        "$[n for n in range(3)]",
        "$sorted([2, 1], key=lambda n: -n)",
        "$math.pi + np.pi",
        "$torch.cuda.is_available()",
        "$os.path.join('a', 'b')",
        "$'a b'.split()",
        "$Pair(1, 2).total()",
        "$[len for len in [1]]",
        "$torch.nn.Linear(1, 1)",
        "$(lambda n, os: [os + m for m in n])([1], 2)",
        "$[a + b for a in [[1]] for b in a if b > a[0]]",
        "$monai.utils.CommonKeys.IMAGE",
        "$datetime.datetime(2020, 1, 1) if False else 1",
    ],
)
def test_what_evaluation_allows_is_no_alarm(text):
    assert told(f'imports: [$import datetime]\na: "{text}"\n') == []


def test_a_name_that_is_told_twice_is_told_once():
    assert len(told("a: $foo(1) + foo(2)\n")) == 1


def test_imports_bind_names_in_every_expression():
    assert told("imports: [$import math as m, $from os.path import join]\na: $m.pi\nb: $join('a', 'b')\n") == []
    (words,) = told("imports: [$import subprocess]\na: $subprocess.run('ls')\n")
    assert words.startswith("'subprocess' isn't listed for expressions\n  at: c.yaml:1:11 (imports::0)")


def test_an_import_that_nothing_uses_is_no_alarm():
    assert told("imports: [$import subprocess]\na: 1\n") == []
    assert len(told("run: [$import subprocess]\n")) == 1


def test_what_the_field_has_and_this_house_has_not_is_told_where_it_is_used():
    text = "imports: [$from monai.networks import trt_compile, $from monai import data]\n"
    assert told(text) == []
    (words,) = told(f"{text}a: $trt_compile(1)\n")
    assert words.startswith("there is no component called 'monai.networks.trt_compile'\n  at: c.yaml:2:4 (a)")
    (words,) = told(f"{text}a: $data.nothing\n")
    assert words.startswith("there is no component called 'monai.data.nothing'\n  at: c.yaml:2:4 (a)")


def test_a_reference_takes_no_private_step_into_a_value():
    assert str(Seal(REGISTRY, {}).refused_step(["a", "__class__"])) == (
        "the private name '__class__' can't be used in a reference"
    )
    assert Seal(REGISTRY, {}).refused_step(["a", "_own_"]) is None
    assert Seal(REGISTRY.trusted(), {}).refused_step(["__class__"]) is None
