import pytest

from bundlert.config.comments import comment_at, heading_of
from bundlert.errors import Mark

TEXT = """# What the file
# is for.

a: 1   # words of a
# above b,
# in two lines
b: 2
c: "x # y"
d: $'it' + "s"  # of d

# apart

e: 5
f:
  # of g
  g: don't  # never
"""


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text(TEXT)
    return str(file)


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        *[(4, 1, "words of a"), (7, 1, "above b, in two lines"), (8, 1, ""), (9, 1, "of d"), (13, 1, "")],
        *[(16, 3, "never"), (99, 1, ""), (0, 0, "")],
    ],
)
def test_a_comment_stands_behind_its_key_or_right_above(line, column, words, file):
    assert comment_at(Mark(file, line, column)) == words


def test_a_comment_of_another_indentation_belongs_to_another_key(file):
    assert comment_at(Mark(file, 16, 1)) == "never"
    assert comment_at(Mark(file, 7, 3)) == ""


def test_a_file_begins_with_what_it_is_for(file):
    assert heading_of(file) == "What the file is for."
    assert heading_of("nothing.yaml") == heading_of("c.json") == ""
