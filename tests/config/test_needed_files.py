import pytest
from config.toy import tree_of

from bundlert.config.needed_files import file_problems
from bundlert.errors import WeightsError
from bundlert.registry.index import Component

READER = Component("data", "read", "config.toy", "")
WEIGHTS = Component("weights", "load_weights", "config.toy", "")


@pytest.fixture
def told(tmp_path, monkeypatch):
    """The problems of the argument at `a::KEY`, in a folder with models/model.safetensors."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "model.safetensors").touch()
    monkeypatch.chdir(tmp_path)

    def check(value, key="file", component=READER, more=""):
        root = tree_of(f"a: {{{key}: {value}}}\nbundle_root: .\n{more}")
        return list(file_problems(root, ("a", key), root.value["a"].value[key], component))

    return check


@pytest.mark.parametrize(
    "value",
    [
        "models/model.safetensors",
        "\"$@bundle_root + '/models/model.safetensors'\"",
        "'@w'",
        "some words",
        "models/no",
        "\"$@bundle_root + str(1) + 'x.json'\"",
        "3",
    ],
)
def test_a_file_that_is_there_or_cannot_be_told_is_no_alarm(value, told):
    assert told(value, more="w: models/model.safetensors\n") == []


def test_a_file_that_is_not_there_is_told_with_the_nearest(told):
    (problem,) = told("\"$@bundle_root + '/models/modle.safetensors'\"")
    assert str(problem) == (
        "there is no file 'models/modle.safetensors'\n  at: c.yaml:1:11 (a::file)\n"
        "  try: did you mean 'model.safetensors'?"
    )


def test_it_is_told_where_the_name_is_written(told):
    (problem,) = told("'@w'", more="w: no.json\n")
    assert (problem.path, problem.at.line, problem.expected) == ("w", 3, "a file for a::file of 'read'")


def test_weights_are_told_as_weights(told):
    (problem,) = told("no.safetensors", component=WEIGHTS)
    assert isinstance(problem, WeightsError)
    assert problem.hint == "train first, or name another file: a::file=FILE"


@pytest.mark.parametrize("key", ["output_file", "save_path", "file_key", "name", "log_file"])
def test_what_is_written_or_is_no_file_is_not_looked_for(key, told):
    assert told("no.json", key=key) == []


def test_a_file_of_the_bundle_that_is_named_from_elsewhere(told, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    root = tree_of("a: {file: models/model.safetensors}\nbundle_root: ..\n")
    (problem,) = file_problems(root, ("a", "file"), root.value["a"].value["file"], READER)
    assert problem.hint == "it is in the bundle: \"$@bundle_root + '/models/model.safetensors'\""
