from __future__ import annotations

import pytest

from bundlert.errors import DataError
from bundlert.transforms.select_items import SelectItems


def test_only_some_entries_stay():
    sample = {"a": 1, "b": 2, "c": 3}
    assert SelectItems(["a", "c"])(sample) == {"a": 1, "c": 3}
    assert len(sample) == 3


def test_a_missing_entry_is_named():
    with pytest.raises(DataError, match="the sample has no 'lable'"):
        SelectItems("lable")({"label": 1})
