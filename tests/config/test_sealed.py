import pytest
from config.toy import told

REFUSED = {
    "$lenn([1])": "the name 'lenn' isn't listed for expressions",
    "$math.squareroot(2)": "'math.squareroot' isn't listed for expressions",
    "$os.system('ls')": "'os.system' isn't listed for expressions",
    "$torch.cuda.hack()": "'torch.cuda.hack' isn't listed for expressions",
    "$'{0.x}'.format(1)": "'.format' of a str isn't listed for expressions",
    "$f'{1}'.format_map({})": "'.format_map' of a str isn't listed for expressions",
    "$1 if True else open_file('x')": "the name 'open_file' isn't listed for expressions",
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
    ],
)
def test_what_evaluation_allows_is_no_alarm(text):
    assert told(f'a: "{text}"\n') == []


def test_a_name_that_is_told_twice_is_told_once():
    assert len(told("a: $foo(1) + foo(2)\n")) == 1


def test_imports_bind_names_in_every_expression():
    assert told("imports: [$import math as m, $from os.path import join]\na: $m.pi\nb: $join('a', 'b')\n") == []
    (words,) = told("imports: [$import subprocess]\na: $subprocess.run('ls')\n")
    assert words.startswith("'subprocess' isn't listed for expressions\n  at: c.yaml:1:11 (imports::0)")


def test_an_import_that_nothing_uses_is_no_alarm():
    assert told("imports: [$import subprocess]\na: 1\n") == []
    assert len(told("run: [$import subprocess]\n")) == 1
