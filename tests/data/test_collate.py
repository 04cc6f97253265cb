import numpy as np
import pytest
import torch

from bundlert.data.buffers import Buffers
from bundlert.data.collate import collate
from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image


def image(*shape):
    return Image(torch.rand(1, *shape), Grid(shape, np.eye(len(shape) + 1)))


def test_images_are_stacked_and_the_rest_stays_with_its_sample():
    samples = [{"image": image(2, 3), "name": name} for name in "ab"]
    batch = collate(samples)
    assert batch["image"].shape == (2, 1, 2, 3)
    assert torch.equal(batch["image"][1], samples[1]["image"].data)
    assert [sample["name"] for sample in batch.samples] == ["a", "b"]
    assert len(batch) == 2


def test_a_batch_is_a_copy_in_one_piece():
    source = image(4, 6)
    view = Image(source.data[:, 1:3, ::2], Grid((2, 3), np.eye(3)))
    batch = collate([{"image": view}])
    batch["image"].zero_()
    assert batch["image"].is_contiguous()
    assert source.data.abs().sum() > 0


def test_images_of_different_shapes_are_told():
    with pytest.raises(DataError, match=r"can't form one batch of 'image'\n  got: \(1, 2, 3\) of .*; \(1, 3, 3\) of"):
        collate([{"image": image(2, 3)}, {"image": image(3, 3)}])


def test_a_missing_key_is_told():
    with pytest.raises(DataError, match=r"no images called 'label'\n  got: image"):
        collate([{"image": image(2, 2)}])["label"]


def test_different_dtypes_become_one_that_holds_all():
    samples = [{"image": image(2, 3).with_data(torch.full((1, 2, 3), value))} for value in (3, 2.5)]
    batch = collate(samples)["image"]
    assert batch.dtype == torch.float32
    assert batch[:, 0, 0, 0].tolist() == [3, 2.5]


def test_memory_may_come_from_buffers():
    samples, buffers = [{"image": image(2, 3)} for _ in range(2)], Buffers()
    assert torch.equal(collate(samples, buffers)["image"], collate(samples)["image"])
    place = collate(samples, buffers)["image"].data_ptr()
    assert collate(samples, buffers)["image"].data_ptr() == place
