import threading
from threading import Barrier

import pytest
import torch

from bundlert.data.worker_threads import worker_threads
from bundlert.ops.threads import compute_alone


@pytest.mark.usefixtures("three_threads")
def test_an_operation_in_a_worker_stays_in_its_thread_and_all_others_are_as_before(in_a_new_thread):
    begun = Barrier(3)
    with worker_threads(2) as threads:
        for _ in range(2):
            threads.submit(begun.wait, 10)
        begun.wait(10)  # else the second thread might begin just when the new one does, below
        assert {job.result() for job in [threads.submit(torch.get_num_threads) for _ in range(20)]} == {1}
        assert torch.get_num_threads() == 3
        assert in_a_new_thread(torch.get_num_threads) == 3


@pytest.mark.usefixtures("three_threads")
def test_that_holds_from_within_a_worker_too(in_a_new_thread):
    def inner():
        compute_alone()
        with worker_threads(1) as threads:
            inside = threads.submit(torch.get_num_threads).result()
        return inside, in_a_new_thread(torch.get_num_threads)

    assert in_a_new_thread(inner) == (1, 3)


def test_what_was_not_begun_never_is():
    begun, at_work, go_on = [], threading.Event(), threading.Event()

    def first():
        at_work.set()
        return go_on.wait(10)

    with worker_threads(1) as threads:
        done = threads.submit(first)
        for _ in range(3):
            threads.submit(begun.append, 1)
        assert at_work.wait(10)
        threading.Timer(0.05, go_on.set).start()
    assert done.result()
    assert begun == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("loader")]


def test_none_counts_as_one():
    with worker_threads(0) as threads:
        assert threads.submit(int, "3").result() == 3
