import multiprocessing
from pathlib import Path

import numpy as np
import pytest
import torch
from data.elsewhere import doubled
from data.toy import items, volume

from bundlert.data.parcel import packed, unpacked
from bundlert.errors import DataError


def test_samples_arrive_as_they_were():
    sample = {**items(1)[0], "file": Path("a"), "numbers": np.arange(3), "nothing": torch.zeros(0), "list": [volume(2)]}
    found = unpacked(packed([sample]))[0]
    assert torch.equal(found["image"].data, sample["image"].data)
    assert found["image"].grid.same_as(sample["image"].grid)
    assert torch.equal(found["list"][0].data, volume(2).data)
    assert (found["label"].data.dtype, found["file"], found["nothing"].shape) == (torch.uint8, Path("a"), (0,))


def test_all_voxels_lie_in_one_piece_of_shared_memory():
    parcel = packed([torch.rand(3, 4), torch.zeros(5, dtype=torch.int16), torch.ones((), dtype=torch.bool)])
    one, *others = unpacked(parcel)
    assert one.is_shared()
    assert all(other.untyped_storage().data_ptr() == one.untyped_storage().data_ptr() for other in others)
    assert parcel.memory.numel() == 3 * 64
    assert len(parcel.content) < 1000


def test_a_part_of_a_volume_goes_without_the_volume_and_any_strides_are_put_straight():
    whole = torch.rand(40, 50)
    for part in (whole[3:5], whole[:, ::7], whole.T):
        parcel = packed(part)
        assert parcel.memory.numel() < part.numel() * 4 + 64
        found = unpacked(parcel)
        assert torch.equal(found, part)
        assert found.is_contiguous()


def test_what_came_in_a_parcel_goes_on_without_a_copy():
    first = unpacked(packed([torch.rand(8, 8), 3]))[0]
    parcel = packed({"whole": first, "part": first[2:4]})
    assert parcel.memory.numel() == 0
    again = unpacked(parcel)
    assert again["part"].data_ptr() == first[2:4].data_ptr()


def test_one_tensor_in_two_places_stays_one():
    image = volume()
    found = unpacked(packed([image, image]))
    assert found[0] is found[1]


def test_what_cant_leave_is_an_error():
    with pytest.raises((TypeError, AttributeError)):
        packed({"lock": lambda: 1})


def test_errors_keep_what_they_tell():
    error = DataError("no", got="this", hint="that")
    error.add_note("  at: item 3")
    found = unpacked(packed(error))
    assert (str(found), found.__notes__) == (str(error), ["  at: item 3"])


def test_another_process_sees_the_same_memory():
    context = multiprocessing.get_context("spawn")
    received, sent = context.Queue(), context.Queue()
    values = unpacked(packed([torch.ones(3), torch.arange(4)]))
    other = context.Process(target=doubled, args=(unpacked, received, sent))
    other.start()
    received.put(packed(values))
    assert sent.get(timeout=60) == "done"
    other.join(60)
    assert values[0].tolist() == [2, 2, 2]
    assert values[1].tolist() == [0, 2, 4, 6]
