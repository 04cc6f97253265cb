"""Strategies of plain data, as configs hold them."""

from hypothesis import strategies as st

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x85\u2028\u2029\ufeff"), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
# Words that YAML takes for something else than a text.
WORDS = st.sampled_from(
    ["1e-4", "yes", "null", "~", "<<", "=", "12:30:45", "010", "0x1F", "2020-01-01", "1_000", "- a"]
)
DATA = st.recursive(
    SCALARS | WORDS,
    lambda kids: st.lists(kids, max_size=4) | st.dictionaries(TEXTS | WORDS, kids, max_size=4),
    max_leaves=12,
)
