import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bundlert.ops import scratch as module
from bundlert.ops.scratch import Scratch, slabs


def test_a_room_is_used_again_if_it_is_large_enough():
    scratch = Scratch(torch.zeros(0, dtype=torch.double))
    first = scratch("a", (2, 3)).fill_(7)
    again = scratch("a", (1, 4))
    assert again.data_ptr() == first.data_ptr()
    assert again.tolist() == [[7, 7, 7, 7]]
    assert scratch("b", (2, 3)).data_ptr() != first.data_ptr()
    assert scratch("a", (5, 3)).shape == (5, 3)
    assert again.dtype == torch.double


@settings(max_examples=50, deadline=None)
@given(st.tuples(*[st.integers(1, 9)] * 3), st.integers(1, 4), st.integers(1, 300))
def test_slabs_cover_each_row_of_each_item_once_and_are_no_larger_than_told(shape, copies, most):
    kept, module._MOST_ON_CPU = module._MOST_ON_CPU, most
    try:
        found = list(slabs(shape, copies, torch.device("cpu")))
    finally:
        module._MOST_ON_CPU = kept
    covered = torch.zeros(shape[:2])
    for items, begin, end in found:
        covered[items, begin:end] += 1
        rows = (items.stop - items.start) * (end - begin)
        assert rows == 1 or rows * shape[2] * copies <= most * torch.get_num_threads()
    assert (covered == 1).all()
