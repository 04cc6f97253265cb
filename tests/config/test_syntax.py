import pytest

from bundlert.config.syntax import Form, absolute, form_of, macro_parts, unescaped
from bundlert.errors import ConfigError, Mark

AT = Mark("c.yaml", 3, 5)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        *[(text, Form.REFERENCE) for text in ("@a", "@a::b::0", "@a#b", "@::a", "@##a", "@é_1", "@", "@a::-1")],
        *[(text, Form.TEXT) for text in ("@a-b", "@a b", " @a", "a@b", "@-1", "@a::-b", "@@a", "user@host", "")],
        *[(text, Form.EXPRESSION) for text in ("$1", "$", "$ @a", "$@a$")],
        *[(text, Form.TEXT) for text in ("$$1", " $1", "cost: $5", "100%", "%%a")],
        *[(text, Form.MACRO) for text in ("%a", "%f.yaml::a", "%::a", "%")],
    ],
)
def test_the_first_character_decides_what_a_text_is(text, form):
    assert form_of(text) is form


@pytest.mark.parametrize(
    ("text", "meant"), [("$$a", "$a"), ("@@a", "@a"), ("%%a", "%a"), ("$$$a", "$$a"), ("a$$", "a$$"), ("#f00", "#f00")]
)
def test_a_doubled_sigil_is_a_single_one_as_text(text, meant):
    assert unescaped(text) == meant


@pytest.mark.parametrize(
    ("target", "path"),
    [
        *[("a::b", ("a", "b")), ("a#b", ("a", "b")), ("::x", ("p", "q", "x")), ("#x", ("p", "q", "x"))],
        *[("::::x", ("p", "x")), ("##x::y", ("p", "x", "y")), ("::::::x", ("x",))],
    ],
)
def test_each_separator_in_front_goes_one_level_up(target, path):
    assert absolute(target, ("p", "q", "r"), AT) == path


def test_an_id_that_climbs_out_is_told():
    with pytest.raises(ConfigError) as caught:
        absolute("::::x", ("a",), AT)
    assert str(caught.value) == "the relative id '::::x' climbs 2 levels\n  at: c.yaml:3:5 (a)\n  got: 1 above it"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        *[("%a::b", (None, "a::b")), ("%::a", (None, "::a")), ("%f.yaml::a#b", ("f.yaml", "a#b"))],
        *[("%d/f.JSON", ("d/f.JSON", "")), ("%f.yml#a", ("f.yml", "a")), ("%../f.yaml::a", ("../f.yaml", "a"))],
    ],
)
def test_a_macro_may_name_a_file(text, parts):
    assert macro_parts(text) == parts
