import copy
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, current_thread

import pytest
import torch
from data.toy import Brighter, items

from bundlert.data.slot import Slot, fill
from bundlert.data.stages import Stages
from bundlert.progress import Display, Task, shown_by


def test_it_is_filled_once_however_many_threads_ask():
    slot, made, together = Slot(), [], Barrier(8)

    def prepare():
        made.append(1)
        return []

    def ask():
        together.wait(10)
        return slot.get(prepare)

    with ThreadPoolExecutor(8) as threads:
        found = [job.result() for job in [threads.submit(ask) for _ in range(8)]]
    assert made == [1]
    assert all(one is found[0] for one in found)


def test_what_failed_is_tried_again():
    slot = Slot()
    with pytest.raises(ZeroDivisionError):
        slot.get(lambda: 1 // 0)
    assert slot.get(list) == []


def test_its_memory_is_counted():
    slot = Slot()
    assert slot.size_bytes == 0
    slot.get(lambda: Stages(Brighter()).prepared(items(1)[0]))
    assert slot.size_bytes == 120 * (4 + 1)


def test_a_copy_has_a_lock_of_its_own():
    slot = Slot()
    slot.get(list)
    assert copy.deepcopy(slot).get(lambda: 1 // 0) == []


def test_all_are_filled_by_threads_that_compute_alone_and_it_is_shown():
    shown, done = [], []

    class Counting(Task):
        def advance(self, steps=1, **_figures):
            shown.append(steps)

    class Watching(Display):
        def task(self, what, *, total, unit, done):
            shown.append((what, total, unit, done))
            return Bar()

    class Bar:
        def __enter__(self):
            return Counting()

        def __exit__(self, *error):
            pass

    def job():
        done.append((current_thread().name[:6], torch.get_num_threads()))

    with shown_by(Watching()):
        fill([job] * 5, 2, show=True)
        fill([job], 1, show=False)
    assert done == [("loader", 1)] * 6
    assert shown == [("caching", 5, "image", 0), 1, 1, 1, 1, 1]


def test_a_failure_ends_the_filling():
    with pytest.raises(ZeroDivisionError):
        fill([lambda: 1 // 0, list], 1, show=False)
