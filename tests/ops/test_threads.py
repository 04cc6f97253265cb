from threading import Barrier, get_ident

import pytest
import torch

from bundlert.ops.threads import compute_alone, shared


@pytest.mark.usefixtures("three_threads")
def test_a_thread_can_compute_alone_and_all_others_are_as_before(in_a_new_thread):
    def alone():
        compute_alone()
        return torch.get_num_threads(), in_a_new_thread(torch.get_num_threads)

    assert in_a_new_thread(alone) == (1, 3)
    assert torch.get_num_threads() == 3


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("jobs", [0, 1, 2, 20])
def test_results_stand_in_the_order_of_the_jobs(threads, jobs):
    assert shared(range(jobs), lambda: lambda job: job**2, threads) == [job**2 for job in range(jobs)]


@pytest.mark.usefixtures("three_threads")
def test_each_thread_has_a_worker_of_its_own_and_computes_alone():
    together = Barrier(2)

    def worker():
        mine = []

        def do(_job):
            together.wait(10)
            mine.append(get_ident())
            return len(set(mine)), get_ident(), torch.get_num_threads()

        return do

    found = shared(range(6), worker, 2)
    assert {(count, used) for count, _, used in found} == {(1, 1)}
    assert len({thread for _, thread, _ in found}) == 2


def test_one_thread_is_the_one_that_asks():
    assert shared([0, 0], lambda: lambda _job: get_ident(), 1) == [get_ident()] * 2


@pytest.mark.parametrize("inference", [False, True])
def test_tensors_made_there_are_of_the_mode_of_the_one_who_asks(inference):
    with torch.inference_mode(inference):
        made = shared(range(4), lambda: lambda _job: torch.zeros(1), 2)
    assert [one.is_inference() for one in made] == [inference] * 4


def test_a_mistake_is_told_once_all_others_are_done():
    done = []

    def do(job):
        if job == 0:
            raise ValueError("job 0")
        done.append(job)

    with pytest.raises(ValueError, match="job 0"):
        shared(range(9), lambda: do, 2)
    assert sorted(done) == list(range(1, 9))
