import os
import time
from pathlib import Path

import pytest
import torch
from data.elsewhere import Asking, AskingAtRandom, Ending, Unloadable
from data.toy import Broken, Noise, items, rng

from bundlert.data.dataset import Dataset
from bundlert.data.memory_cache import MemoryCache
from bundlert.data.smart_cache import SmartCache
from bundlert.data.worker_processes import WorkerProcesses
from bundlert.errors import DataError, PolicyError
from bundlert.files import Bounds, confined
from bundlert.transforms.compose import Compose
from bundlert.transforms.load import LoadImage


@pytest.fixture
def workers():
    begun = []

    def begin(dataset, count=1):
        begun.append(WorkerProcesses(dataset, 5, count))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


def served(workers, *indices):
    with workers.asking(2) as ask:
        return [job.result() for job in [ask(index) for index in indices]]


def test_samples_are_those_of_this_process_bit_by_bit(workers):
    dataset = Dataset(items(4), Noise())
    for index, (found,) in enumerate(served(workers(dataset, 2), 0, 1, 2, 3)):
        (expected,) = dataset.sample(index, rng(5, 2, index))
        assert torch.equal(found["image"].data, expected["image"].data)
        assert found["name"] == expected["name"]


def test_they_are_others_compute_alone_and_share_one_cache(workers):
    cache = MemoryCache(items(3), Compose([AskingAtRandom()]))
    found = [sample for (sample,) in served(workers(cache, 1), 0, 1, 2)]
    assert {(one["threads"], one["shared"]) for one in found} == {(1, True)}
    assert os.getpid() not in {one["process"] for one in found}
    assert cache.size_bytes == 3 * 120 * 5


def test_an_error_is_told_as_by_a_thread(workers):
    with pytest.raises(DataError) as caught:
        served(workers(Dataset(items(2), Broken("case 1"))), 1)
    assert str(caught.value) == "this one is damaged\n  at: item 1 'case 1'"
    with pytest.raises(RuntimeError, match="oh no") as bug:
        served(workers(Dataset(items(2), Broken("case 1", "other"))), 1)
    assert bug.value.__notes__ == ["  at: item 1 'case 1'"]


def test_a_process_that_was_killed_is_told(workers):
    with pytest.raises(DataError, match=r"a process that prepares samples has ended\n(.|\n)*try: fewer num_workers"):
        served(workers(Dataset(items(1), Ending())), 0)


def test_what_cant_leave_this_process_is_told_with_the_way_out(workers):
    for dataset, words in (
        (Dataset(items(1), lambda sample, _rng: sample), "the Dataset can't go to another process"),
        (SmartCache(items(2), Noise(), 0.5, 1), "the SmartCache can't go to another process"),
    ):
        with pytest.raises(DataError, match=f"{words}\n  got: .*\n  try: workers: threads"):
            workers(dataset)


def test_what_cant_arrive_in_another_process_is_told_with_the_way_out(workers):
    dataset = Dataset([{"name": "x", "thing": Unloadable()}])
    with pytest.raises(DataError) as caught:
        served(workers(dataset), 0)
    assert str(caught.value) == (
        "the dataset can't be made again in another process\n"
        "  got: ModuleNotFoundError: No module named 'bundlert_own_1'\n  try: workers: threads"
    )


def test_an_item_that_cant_be_prepared_is_told_before_a_process_begins(workers):
    def broken(_sample, _rng=None):
        raise DataError("no")

    with pytest.raises(DataError, match="no\n  at: item 0 'case 0'"):
        workers(MemoryCache(items(1), broken))


def test_what_binds_this_process_binds_them(workers, tmp_path):
    (tmp_path / "secret.nii").touch()
    dataset = Dataset([{"image": str(tmp_path / "secret.nii")}], LoadImage("image"))
    with confined(Bounds(inside=(tmp_path / "bundle",))):
        bound = workers(dataset)
        with pytest.raises(PolicyError, match="may not be read"):
            served(bound, 0)


def test_closed_they_are_gone():
    workers = WorkerProcesses(Dataset(items(2), Asking()), 0, 2)
    pids = {sample["process"] for (sample,) in served(workers, 0, 1)}
    workers.close()
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
