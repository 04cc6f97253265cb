"""Items in folds, for cross-validation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bundlert.data.partition import partition_dataset
from bundlert.errors import DataError
from bundlert.files import write_text
from bundlert.text import did_you_mean, listed
from bundlert.transforms.base import Sample


def k_fold(
    items: Sequence[Sample],
    folds: int,
    fold: int,
    seed: int = 0,
    group_key: str | None = None,
) -> dict[str, list[Sample]]:
    """The items of all folds but one for `training`, and those of that one for `validation`.

    Each item validates in one fold of all. Folds are as equal as groups let them be. Within both lists items stay in
    their order.

    Args:
        items: All items.
        folds: How many folds, >= 2.
        fold: The one that validates, from 0.
        seed: Decides which items are in which fold.
        group_key: An entry that items of one group share, `patient` for instance: they are in one fold.

    Raises:
        ValueError: No such fold, or fewer groups than folds.
        DataError: An item has no such entry.
    """
    groups: dict[object, list[int]] = {}
    for index, item in enumerate(items):
        groups.setdefault(index if group_key is None else _group(item, index, group_key), []).append(index)
    if folds < 2 or not 0 <= fold < folds or len(groups) < folds:
        found = f"{folds} folds and fold {fold} for {len(groups)} groups of {len(items)} items"
        raise ValueError(f"folds must be >= 2 and at most the groups of items, fold in 0..folds - 1, got {found}")
    members = list(groups.values())
    mixed = [members[index] for index in np.random.default_rng(seed).permutation(len(members))]
    sizes, validating = [0] * folds, set[int]()
    for group in sorted(mixed, key=len, reverse=True):  # large groups first: small ones even folds out
        smallest = sizes.index(min(sizes))
        sizes[smallest] += len(group)
        validating.update(group if smallest == fold else ())
    return {
        "training": [item for index, item in enumerate(items) if index not in validating],
        "validation": [item for index, item in enumerate(items) if index in validating],
    }


def create_cross_validation_datalist(
    datalist: Sequence[Sample],
    nfolds: int,
    train_folds: int | Sequence[int],
    val_folds: int | Sequence[int],
    train_key: str = "training",
    *,
    val_key: str = "validation",
    filename: str | Path | None = None,
    shuffle: bool = True,
    seed: int = 0,
) -> dict[str, list[Sample]]:
    """The items of some folds to train on, and of others to validate with.

    Items are dealt out in turn, mixed first, as `partition_dataset` does it: the folds of published splits.

    Args:
        datalist: All items.
        nfolds: How many folds.
        train_folds: Those to train on, from 0.
        val_folds: Those to validate with.
        train_key: What the first list is called.
        val_key: What the second one is called.
        filename: A JSON file to write both to; none if None.
        shuffle: Whether the items are mixed.
        seed: Decides how they are mixed.

    Raises:
        ValueError: No such fold, a fold for both, or fewer items than folds.
    """
    parts = partition_dataset(datalist, num_partitions=nfolds, shuffle=shuffle, seed=seed)
    chosen = [[folds] if isinstance(folds, int) else list(folds) for folds in (train_folds, val_folds)]
    if not all(0 <= fold < nfolds for folds in chosen for fold in folds) or set(chosen[0]) & set(chosen[1]):
        raise ValueError(f"train_folds and val_folds must differ and be in 0..{nfolds - 1}, got {chosen}")
    lists = {
        key: [item for fold in folds for item in parts[fold]]
        for key, folds in zip((train_key, val_key), chosen, strict=True)
    }
    if filename is not None:
        write_text(Path(filename), json.dumps(lists, indent=2, default=str) + "\n")
    return lists


def _group(item: Sample, index: int, key: str) -> object:
    if key not in item:
        raise DataError(f"item {index} has no '{key}' to group by", got=listed(item), hint=did_you_mean(key, item))
    return item[key]
