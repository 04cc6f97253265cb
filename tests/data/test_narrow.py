import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bundlert.data.narrow import narrowed, narrowed_sample, widened
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.lazy import wish

SHAPES = arrays.array_shapes(min_dims=3, max_dims=3, max_side=5)
ANY = st.sampled_from([np.float32, np.float64, np.int16, np.int64, np.uint8, np.int8, np.bool_]).flatmap(
    lambda dtype: arrays.arrays(dtype, SHAPES)
)
WHOLE = arrays.arrays(np.float32, SHAPES, elements=st.integers(-40000, 40000).map(float))


@given(st.one_of(ANY, WHOLE))
def test_values_come_back_as_they_were_and_never_take_more_memory(array):
    data = torch.from_numpy(array)
    kept = narrowed(data)
    assert kept.nbytes <= data.nbytes
    assert kept.is_contiguous()
    assert np.array_equal(kept.to(data.dtype).numpy(), array, equal_nan=array.dtype.kind == "f")


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([0, 1, 255], torch.float32, torch.uint8),
        ([0, 1, 256], torch.float32, torch.int16),
        ([-1024, 3071], torch.float64, torch.int16),
        ([-1024, 3071], torch.int16, torch.int16),
        ([0, 3], torch.int16, torch.uint8),
        ([0, 40000], torch.int64, torch.int64),
        ([0.5, 1], torch.float32, torch.float32),
        ([float("nan"), 1], torch.float32, torch.float32),
        ([float("inf"), 1], torch.float32, torch.float32),
        ([-1, 3], torch.int8, torch.int8),
        ([True, False], torch.bool, torch.bool),
        ([], torch.float32, torch.float32),
    ],
)
def test_the_dtype_is_the_least_that_holds_the_values(values, dtype, expected):
    assert narrowed(torch.tensor(values, dtype=dtype)).dtype == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.1, 1], torch.float16),
        ([0, 1], torch.uint8),
        ([0.1, 70000], torch.float32),
        ([0.1, float("nan")], torch.float32),
        ([0.1, float("inf")], torch.float32),
    ],
)
def test_other_values_are_rounded_only_within_the_range(values, expected):
    assert narrowed(torch.tensor(values), torch.float16).dtype == expected


def test_a_part_of_a_volume_is_kept_without_the_volume_and_fortran_order_put_straight():
    whole = torch.rand(1, 8, 8, 8)
    for data in (whole[:, 2:4], whole.permute(0, 3, 2, 1)):
        kept = narrowed(data)
        assert torch.equal(kept, data)
        assert kept.is_contiguous()
        assert kept.untyped_storage().nbytes() == data.numel() * 4
    assert narrowed(whole) is whole


def test_images_of_a_sample_come_back_in_the_dtype_that_they_had():
    grid = Grid((2, 3), np.eye(3))
    sample = {"image": Image(torch.rand(1, 2, 3), grid), "label": Image(torch.ones(1, 2, 3), grid), "name": "x"}
    kept, dtypes = narrowed_sample(sample)
    assert dtypes == {"label": torch.float32}
    assert (kept["label"].data.dtype, kept["image"].data.dtype, kept["name"]) == (torch.uint8, torch.float32, "x")
    back = widened(kept, dtypes)
    assert back["image"] is kept["image"]
    assert torch.equal(back["label"].data, sample["label"].data)


def test_what_is_pending_stays_so():
    image = wish(Image(torch.ones(1, 2, 3, dtype=torch.uint8), Grid((2, 3), np.eye(3))), Grid((4, 3), np.eye(3)))
    back = widened({"label": image}, {"label": torch.float32, "gone": torch.float32})["label"]
    assert (back.wanted, back.data.dtype) == (image.wanted, torch.float32)
