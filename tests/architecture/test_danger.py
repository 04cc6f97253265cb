"""Nothing in the house runs what it reads: looked for in the syntax tree, so that a word in a text is no alarm."""

import ast

import pytest
from architecture.source import FILES, imported, short, tree_of

RUNS_TEXTS = {"eval", "exec", "compile", "__import__"}
RUNS_FILES = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "code", "runpy"}
OPENS_UNCHECKED = {
    "torch.load": "runs pickles",
    "torch.jit.load": "runs code",
    "yaml.load": "builds any object",
    "yaml.load_all": "builds any object",
    "yaml.unsafe_load": "builds any object",
    "yaml.full_load": "builds any object",
    "os.system": "a shell",
    "os.popen": "a shell",
    "builtins.eval": "runs a text",
    "builtins.exec": "runs a text",
}
WRITES_ANYWHERE = {"extractall", "unpack_archive"}
SWITCHES = {"shell", "allow_pickle"}


def dangers(tree):
    """What a tree does that it must not, as (line, words)."""
    known = {}  # local name -> the dotted name that it stands for
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known.update({one.asname or one.name.partition(".")[0]: one.asname and one.name for one in node.names})
        if isinstance(node, ast.ImportFrom):
            known.update({one.asname or one.name: f"{node.module}.{one.name}" for one in node.names})
    for node in ast.walk(tree):
        yield from ((node.lineno, f"import {name}") for name in imported(node) if name.split(".")[0] in RUNS_FILES)
        if isinstance(node, ast.Call):
            yield from ((node.lineno, words) for words in called(node, known))


def called(call, known):
    name = dotted(call.func)
    first, dot, rest = name.partition(".")
    name = (known.get(first) or first) + dot + rest
    if name in RUNS_TEXTS or name in OPENS_UNCHECKED:
        yield name
    if name.rpartition(".")[2] in WRITES_ANYWHERE:
        yield name.rpartition(".")[2]
    for keyword in call.keywords:
        if keyword.arg in SWITCHES and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value):
            yield f"{keyword.arg}="


def dotted(node):
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("eval('1')", "eval"),
        ("exec(text)", "exec"),
        ("import pickle", "import pickle"),
        ("def f():\n    from marshal import loads", "import marshal"),
        ("import torch\ntorch.load(file)", "torch.load"),
        ("from torch import load as read\nread(file)", "torch.load"),
        ("import yaml as y\ny.load(text, Loader=y.Loader)", "yaml.load"),
        ("archive().extractall(folder)", "extractall"),
        ("import subprocess\nsubprocess.run(words, shell=True)", "shell="),
        ("import numpy as np\nnp.load(file, allow_pickle=anything)", "allow_pickle="),
        ("import os\nos.system(words)", "os.system"),
    ],
)
def test_each_danger_would_be_seen(text, found):
    assert [words for _, words in dangers(ast.parse(text))] == [found]


@pytest.mark.parametrize(
    "text", ["network.eval()", "re.compile(text)", "run(words, shell=False)", "load('torch.load(x)')", "tree.load(x)"]
)
def test_what_only_looks_alike_is_none(text):
    assert list(dangers(ast.parse(text))) == []


def test_nothing_in_the_house_runs_what_it_reads():
    found = [f"{short(file)}:{line}: {words}" for file in FILES for line, words in dangers(tree_of(file))]
    assert found == []
