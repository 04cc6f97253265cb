from __future__ import annotations

from bundlert.transforms.delete_items import DeleteItems


def test_some_entries_go_if_they_are_there():
    sample = {"a": 1, "b": 2, "c": 3}
    assert DeleteItems(["a", "x"])(sample) == {"b": 2, "c": 3}
    assert len(sample) == 3
