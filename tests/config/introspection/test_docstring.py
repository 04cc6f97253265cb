from bundlert.config.introspection.docstring import parse_docstring

DOC = """A thing.

More of it:
in two lines.

Args:
    width: In mm,
        always.
    *others: What comes.
    height (int): Up.

Shape:
    [B] -> [C]

Raises:
    ValueError: Never.
"""


def test_a_docstring_is_taken_apart():
    doc = parse_docstring(DOC)
    assert doc.text == "A thing.\n\nMore of it:\nin two lines."
    assert doc.arguments == {"width": "In mm, always.", "others": "What comes.", "height": "Up."}
    assert doc.sections == {"Shape": "[B] -> [C]", "Raises": "ValueError: Never."}


def test_no_docstring_has_no_parts():
    assert parse_docstring("") == ("", {}, {})
