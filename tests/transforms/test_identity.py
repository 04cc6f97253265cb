from __future__ import annotations

import pytest

from bundlert.errors import DataError
from bundlert.transforms.identity import Identity


def test_nothing_changes():
    sample = {"a": 1}
    assert Identity("a")(sample) is sample


def test_entries_must_be_there():
    with pytest.raises(DataError, match="the sample has no 'b'"):
        Identity(["a", "b"])({"a": 1})
