import pickle

import pytest

from bundlert.errors import BundleError, BundlertError, ConfigError, DataError, Mark, Problems


def full():
    return ConfigError(
        "the network has no argument 'chanels'",
        at=Mark("configs/train.yaml", 12, 5),
        path="network::chanels",
        got="[4, 8]",
        expected="one of channels, strides",
        hint="did you mean 'channels'?",
    )


def test_an_error_tells_what_where_and_what_to_do():
    assert str(full()) == (
        "the network has no argument 'chanels'\n"
        "  at: configs/train.yaml:12:5 (network::chanels)\n"
        "  got: [4, 8]\n"
        "  expected: one of channels, strides\n"
        "  try: did you mean 'channels'?"
    )


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "wrong"),
        ({"at": Mark("a.yaml", 3, 1)}, "wrong\n  at: a.yaml:3:1"),
        ({"at": Mark("epochs=x")}, "wrong\n  at: epochs=x"),
        ({"path": "a::b"}, "wrong\n  at: (a::b)"),
        ({"got": "0"}, "wrong\n  got: 0"),
        ({"hint": "look"}, "wrong\n  try: look"),
    ],
)
def test_what_is_not_known_is_left_out(fields, text):
    assert str(BundlertError("wrong", **fields)) == text


def test_fields_stay_readable():
    error = full()
    assert (error.what, error.path, error.got) == (
        "the network has no argument 'chanels'",
        "network::chanels",
        "[4, 8]",
    )
    assert (error.at.file, error.at.line, error.at.column) == ("configs/train.yaml", 12, 5)


def test_several_mistakes_are_told_at_once_with_their_kinds():
    error = Problems([BundleError("no metadata", hint="add one"), DataError("no data")])
    assert str(error) == "BundleError: no metadata\n  try: add one\n\nDataError: no data"
    assert error.what == "2 mistakes"


@pytest.mark.parametrize("error", [full(), Problems([full(), DataError("no data")])])
def test_an_error_comes_back_whole_from_another_process(error):
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 (our own)
