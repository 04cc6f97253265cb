from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.transforms.crop.part import boxed, part, start_about, start_amid
from bundlert.transforms.lazy import realize, wish
from bundlert.transforms.spatial.rotate import Rotate
from bundlert.transforms.spatial.spacing import Spacing


def test_a_part_of_what_is_there_is_a_view(make_image):
    image = make_image((6, 7, 8))
    found = part(image, (1, 2, 3), (4, 5, 2))
    assert torch.equal(found.data, image.data[:, 1:5, 2:7, 3:5])
    assert found.data.untyped_storage().data_ptr() == image.data.untyped_storage().data_ptr()
    assert found.grid.affine[:3, 3].tolist() == [1, 2, 3]
    assert found.wanted is None
    assert found.original is image.original


def test_a_box_of_it_is_a_wish_and_becomes_a_copy(make_image):
    image = make_image((6, 7, 8))
    found = boxed(image, (1, 2, 3), (4, 5, 2))
    assert found.data is image.data
    whole = realize(found)
    assert torch.equal(whole.data, image.data[:, 1:5, 2:7, 3:5])
    assert whole.data.untyped_storage().nbytes() == 4 * 5 * 2 * 4


def test_of_what_is_pending_it_stays_a_wish(make_image):
    image = wish(make_image((6, 7, 8)), make_image((6, 7, 8)).grid.flipped([0]))
    for found in (part(image, (1, 2, 3), (4, 5, 2)), part(image, (-1, 2, 3), (4, 5, 2))):
        assert found.data is image.data
    assert torch.equal(realize(part(image, (1, 2, 3), (4, 5, 2))).data, image.data.flip(1)[:, 1:5, 2:7, 3:5])


@pytest.mark.parametrize("pending", [False, True])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection", "reflect", "wrap", -7.0])
def test_what_sticks_out_is_padded_and_what_is_left_out_is_gone(make_image, padding, pending):
    image = make_image((6, 7, 8))
    source = image.data[0].numpy()
    if pending:
        image, source = wish(image, image.grid.flipped([1])), source[:, ::-1]
    result = realize(boxed(image, (-2, 3, 0), (7, 6, 8), padding)).data[0]
    mode = {"zeros": "constant", "border": "edge", "reflection": "symmetric"}.get(padding, padding)
    options = {"mode": mode} if isinstance(padding, str) else {"constant_values": padding}
    np.testing.assert_array_equal(result, np.pad(source, [(2, 0), (0, 2), (0, 0)], **options)[:7, 3:9])


def test_padding_stays_one_wish_only_where_that_is_the_same(make_image):
    image = Image(torch.ones(1, 9, 9, 9), Grid((9, 9, 9), np.eye(4)))
    finer, turned = (step({"image": image})["image"] for step in (Spacing("image", 0.5), Rotate("image", (0.3, 0, 0))))
    cropped = wish(image, image.grid.cropped((1, 0, 0), (8, 9, 9)))
    pending = [boxed(one, (-2, 0, 0), (12, 9, 9)).grid is image.grid for one in (finer, turned, cropped)]
    assert pending == [True, False, False]


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(0, 11)), min_size=1, max_size=3))
def test_a_start_keeps_the_box_inside_and_the_centre_in_the_middle_where_it_can(axes):
    shape, size = [room for room, _, _ in axes], [count for _, count, _ in axes]
    centre = [place % room for room, _, place in axes]
    for first, count, room, place in zip(start_about(centre, size, shape), size, shape, centre, strict=True):
        if count <= room:
            assert 0 <= first <= room - count
            assert first <= place < first + count
            assert first == place - count // 2 or first in (0, room - count)
        else:
            before, behind = -first, first + count - room
            assert behind - before in (0, 1)


def test_amid_is_about_the_middle_voxel():
    assert start_amid((2, 3, 4, 9), (5, 4, 4, 4)) == [1, 1, 0, -2]
