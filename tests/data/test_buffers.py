import gc

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bundlert.data.buffers import Buffers


def test_memory_is_used_again_once_nobody_looks_at_it():
    buffers = Buffers()
    first = buffers.empty((2, 3, 4), torch.float32)
    place = first.data_ptr()
    view = first[1, :2]
    del first
    assert buffers.empty((2, 3, 4), torch.float32).data_ptr() != place  # the view is still there
    del view
    assert place in {buffers.empty((2, 3, 4), torch.float32).data_ptr() for _ in range(2)}


def test_what_autograd_keeps_is_not_used_again():
    buffers, weight = Buffers(), torch.ones(4, requires_grad=True)
    batch = buffers.empty((4,), torch.float32).fill_(3.0)
    loss = (weight * batch).sum()
    del batch
    buffers.empty((4,), torch.float32).fill_(7.0)
    loss.backward()
    assert weight.grad.tolist() == [3.0] * 4


def test_a_smaller_tensor_may_have_the_memory_of_a_larger_one_but_not_of_a_much_larger():
    buffers = Buffers()
    place = buffers.empty((100,), torch.uint8).data_ptr()
    assert buffers.empty((10,), torch.uint8).data_ptr() != place
    buffers = Buffers()
    place = buffers.empty((100,), torch.uint8).data_ptr()
    assert buffers.empty((90,), torch.uint8).data_ptr() == place
    assert buffers.empty((100,), torch.uint8).data_ptr() == place


def test_only_so_much_is_kept():
    buffers = Buffers(most=2)
    held = [buffers.empty((size,), torch.uint8) for size in (100, 200, 300)]
    held.clear()
    gc.collect()
    assert len(buffers._free) == 2


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from([torch.uint8, torch.int16, torch.float32])), max_size=20))
def test_no_two_tensors_that_live_share_memory(wanted):
    buffers, living = Buffers(), []
    for number, (size, dtype) in enumerate(wanted):
        living.append((number, buffers.empty((size, 2), dtype).fill_(number)))
        if number % 3 == 2:
            living.pop(0)
        assert all(bool((tensor == value).all()) for value, tensor in living)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_pinned_memory_is_pinned():
    assert Buffers(pinned=True).empty((2, 3), torch.float32).is_pinned()
