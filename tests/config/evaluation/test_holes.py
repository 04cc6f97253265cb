import pytest

from bundlert.config.evaluation.holes import with_names


def shown(code):
    """The code, with references as `<id>`."""
    text, names = with_names(code)
    for name, target in names.items():
        text = text.replace(name, f"<{target}>")
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("1 + 2", "1 + 2"),
        ("@a+@b::0", "<a> + <b::0>"),
        ("f(@a) @ @b", "f( <a> ) @ <b>"),
        ("a @b", "a @b"),
        ("'@a' + \"@b\" + @c", "'@a' + \"@b\" + <c>"),
        ("f'{@a} @b'", "f'{ <a> } @b'"),
        ("@a # @b", "<a>"),
        ("not@a", "not <a>"),
    ],
)
def test_a_reference_becomes_a_name_and_a_text_stays(code, expected):
    assert shown(code) == expected


def test_one_target_has_one_name():
    text, names = with_names("@a + @a")
    assert list(names.values()) == ["a"]
    assert text.count(next(iter(names))) == 2


def test_many_references_take_linear_time():
    text, names = with_names(" + ".join(f"@a{index}" for index in range(5000)))
    assert len(names) == 5000
    assert text.count("+") == 4999
