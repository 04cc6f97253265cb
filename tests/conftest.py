"""One thread for torch, in the processes that tests start too: on small tensors several take longer than one, and on a
busy machine many times as long. Tests of several threads ask for them."""

import os
import threading

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is imported


@pytest.fixture
def three_threads():
    """What torch gives to each thread."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def in_a_new_thread():
    """What a function gives there."""

    def run(function):
        found = []
        thread = threading.Thread(target=lambda: found.append(function()))
        thread.start()
        thread.join()
        return found[0]

    return run
