from bundlert.cli.table import table


def test_columns_are_aligned_and_the_last_is_wrapped():
    rows = [("a", "1", "short"), ("longer", "22", "words that go on and on until the line is full of them")]
    assert list(table(rows, width=46)) == [
        "  a       1   short",
        "  longer  22  words that go on and on until",
        "              the line is full of them",
    ]


def test_a_row_without_last_words_ends_early():
    assert list(table([("a", "")], width=40)) == ["  a"]
