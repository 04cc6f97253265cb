import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundlert.data.folds import create_cross_validation_datalist, k_fold
from bundlert.data.partition import partition_dataset
from bundlert.errors import DataError

ITEMS = [{"id": number, "patient": number // 2} for number in range(10)]


def ids(items):
    return [item["id"] for item in items]


def test_one_fold_validates_and_all_others_train():
    found = k_fold(ITEMS, 5, 1)
    assert (len(found["training"]), len(found["validation"])) == (8, 2)
    assert sorted(ids(found["training"] + found["validation"])) == list(range(10))
    assert ids(found["training"]) == sorted(ids(found["training"]))


def test_the_seed_decides():
    assert k_fold(ITEMS, 5, 1, seed=3) == k_fold(ITEMS, 5, 1, seed=3) != k_fold(ITEMS, 5, 1, seed=4)


@given(
    patients=st.lists(st.integers(0, 12), min_size=2, max_size=40),
    folds=st.integers(2, 6),
    seed=st.integers(0, 9),
    grouped=st.booleans(),
)
def test_each_item_validates_once_groups_stay_together_and_folds_are_as_equal_as_they_let_them(
    patients, folds, seed, grouped
):
    items = [{"id": number, "patient": patient} for number, patient in enumerate(patients)]
    groups = {}
    for item in items:
        groups.setdefault(item["patient"] if grouped else item["id"], []).append(item)
    if len(groups) < folds:
        return
    key = "patient" if grouped else None
    parts = [k_fold(items, folds, fold, seed, key)["validation"] for fold in range(folds)]
    assert sorted(ids(item for part in parts for item in part)) == list(range(len(items)))
    homes = [{item["patient"] for item in part} for part in parts]
    assert not grouped or sum(map(len, homes)) == len(groups)
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= max(len(group) for group in groups.values())
    assert min(sizes) > 0


def test_an_item_without_a_group_is_told():
    with pytest.raises(
        DataError, match=r"item 0 has no 'patent' to group by\n  got: .*\n  try: did you mean 'patient'"
    ):
        k_fold(ITEMS, 2, 0, group_key="patent")


@pytest.mark.parametrize(
    ("folds", "fold", "key"), [(1, 0, None), (3, 3, None), (3, -1, None), (11, 0, None), (6, 0, "patient")]
)
def test_folds_that_cant_be_are_refused(folds, fold, key):
    groups = 5 if key else 10
    with pytest.raises(ValueError, match=f"got {folds} folds and fold {fold} for {groups} groups of 10 items"):
        k_fold(ITEMS, folds, fold, group_key=key)


def test_a_list_for_cross_validation_has_the_folds_of_partition_dataset():
    parts = partition_dataset(ITEMS, num_partitions=5, shuffle=True, seed=7)
    found = create_cross_validation_datalist(ITEMS, 5, [0, 3, 4], 2, val_key="held_out", seed=7)
    assert found == {"training": parts[0] + parts[3] + parts[4], "held_out": parts[2]}


def test_it_can_be_written_down(tmp_path):
    found = create_cross_validation_datalist(ITEMS, 2, 0, 1, filename=tmp_path / "a" / "list.json")
    assert json.loads((tmp_path / "a" / "list.json").read_text()) == found


@pytest.mark.parametrize(("train", "val"), [([0, 1], [1]), ([0], [2]), ([-1], [0])])
def test_folds_for_both_or_that_arent_there_are_refused(train, val):
    with pytest.raises(ValueError, match=r"train_folds and val_folds must differ and be in 0\.\.1, got"):
        create_cross_validation_datalist(ITEMS, 2, train, val)
