import json
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from data.toy import volume
from hypothesis import given
from hypothesis import strategies as st

from bundlert.data.disk_entry import open_entry, write_entry
from bundlert.data.stages import Kept
from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda kids: st.lists(kids) | st.dictionaries(st.text() | st.integers(), kids) | st.lists(kids).map(tuple),
    max_leaves=8,
)
DTYPES = [
    torch.uint8,
    torch.int16,
    torch.int64,
    torch.float16,
    torch.bfloat16,
    torch.float32,
    torch.float64,
    torch.bool,
]


def same(one, other):
    """Equal in value and kind, NaN and the sign of a zero included."""
    return type(one) is type(other) and repr(one) == repr(other)


@given(value=PLAIN)
def test_plain_values_come_back(value, tmp_path_factory):
    file = tmp_path_factory.mktemp("entry") / "a.kept"
    write_entry(file, [Kept({"x": value}, {})])
    (found,) = open_entry(file)
    assert same(found.sample, {"x": value})


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (1, 3, 2), (2, 1, 5, 4, 3)], ids=str)
def test_tensors_come_back(dtype, shape, tmp_path):
    tensor = torch.arange(int(np.prod(shape))).reshape(shape).to(dtype)
    write_entry(tmp_path / "a.kept", [Kept({"x": tensor, "y": tensor.mT if len(shape) > 1 else tensor}, {})])
    (found,) = open_entry(tmp_path / "a.kept")
    assert torch.equal(found.sample["x"], tensor)
    assert found.sample["x"].dtype == dtype
    assert torch.equal(found.sample["y"], tensor.mT if len(shape) > 1 else tensor)


def test_images_arrays_paths_and_dtypes_come_back(tmp_path):
    original = Grid((9, 9, 9), np.array([[0, -0.1, 0, 5], [1 / 3, 0, 0, -7], [0, 0, 3, 9], [0, 0, 0, 1.0]]))
    image = Image(volume().data, volume().grid, Path("/a/b.nii"), original)
    sample = {"image": image, "array": np.arange(6.0).reshape(2, 3).T, "scalar": np.float32(0.1), "path": Path("c")}
    write_entry(tmp_path / "a.kept", [Kept(sample, {"image": torch.float64}), Kept({"image": volume(2)}, {})])
    first, second = open_entry(tmp_path / "a.kept")
    found = first.sample["image"]
    assert torch.equal(found.data, image.data)
    assert (found.file, found.wanted) == (Path("/a/b.nii"), None)
    for ours, theirs in ((found.grid, image.grid), (found.original, original)):
        assert ours.shape == theirs.shape
        assert np.array_equal(ours.affine, theirs.affine)
    assert np.array_equal(first.sample["array"], sample["array"])
    assert same(first.sample["scalar"], np.float32(0.1))
    assert (first.sample["path"], first.dtypes) == (Path("c"), {"image": torch.float64})
    assert torch.equal(second.sample["image"].data, volume(2).data)


def test_it_is_opened_without_a_copy_and_writing_to_it_changes_no_file(tmp_path):
    file = tmp_path / "a.kept"
    write_entry(file, [Kept({"image": volume()}, {})])
    content = file.read_bytes()
    (found,), (again,) = open_entry(file), open_entry(file)
    data = found.sample["image"].data
    assert data.data_ptr() % 64 == 0
    assert f"{file}" in Path("/proc/self/maps").read_text()
    data.zero_()
    assert file.read_bytes() == content
    assert torch.equal(again.sample["image"].data, volume().data)


def test_no_file_stays_open(tmp_path):
    write_entry(tmp_path / "a.kept", [Kept({"image": volume()}, {})])
    before = len(list(Path("/proc/self/fd").iterdir()))
    opened = [open_entry(tmp_path / "a.kept") for _ in range(50)]
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1
    assert len(opened) == 50


def test_an_entry_that_is_removed_stays_with_whom_has_it_open(tmp_path):
    write_entry(tmp_path / "a.kept", [Kept({"image": volume()}, {})])
    (found,) = open_entry(tmp_path / "a.kept")
    (tmp_path / "a.kept").unlink()
    assert torch.equal(found.sample["image"].data, volume().data)
    assert open_entry(tmp_path / "a.kept") is None


def head_of(file):
    content = file.read_bytes()
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def test_it_is_json_and_numbers(tmp_path):
    file = tmp_path / "a.kept"
    write_entry(file, [Kept({"image": volume(), "name": "x"}, {})])
    head, rest = head_of(file)
    assert head["format"] == 1
    assert head["blobs"] == [["float32", [1, 6, 5, 4], 0]]
    assert rest.lstrip(b"\0") == volume().data.numpy().tobytes().lstrip(b"\0")


@given(cut=st.integers(0, 4000), byte=st.integers(0, 255))
def test_a_damaged_one_is_none_or_at_least_nothing_that_reaches_out_of_the_file(cut, byte, tmp_path_factory):
    file = tmp_path_factory.mktemp("entry") / "a.kept"
    write_entry(file, [Kept({"image": volume(), "name": "x"}, {"image": torch.float64})])
    content = file.read_bytes()
    file.write_bytes(content[: cut % len(content)])
    assert open_entry(file) is None
    changed = bytearray(content)
    changed[cut % len(content)] = byte
    file.write_bytes(changed)
    for kept in open_entry(file) or ():
        for entry in kept.sample.values():
            if isinstance(entry, Image):
                entry.data.sum()


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2},
        {"order": "big"},
        {"size": -1},
        {"blobs": [["float32", [1, 6, 5, 4], 64]]},
        {"blobs": [["float32", [1, 6, 5, 4], -64]]},
        {"blobs": [["float32", [1, 6, 5, 400], 0]]},
        {"blobs": [["float32", [-1, -6, 5, 4], 0]]},
        {"blobs": [["load", [1, 6, 5, 4], 0]]},
        {"blobs": []},
        {"kept": [{"sample": ["run", "x"], "dtypes": ["dict", []]}]},
        {"kept": 3},
    ],
)
def test_a_head_that_lies_is_not_believed(changes, tmp_path):
    file = tmp_path / "a.kept"
    write_entry(file, [Kept({"image": volume()}, {})])
    head, _ = head_of(file)
    text = json.dumps({**head, **changes}).encode()
    first = -(-(8 + len(text)) // 64) * 64
    file.write_bytes((len(text).to_bytes(8, "little") + text).ljust(first, b"\0") + volume().data.numpy().tobytes())
    assert open_entry(file) is None


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, OrderedDict(), np.array(["a"]), np.array([object()]), [3, object()], lambda: 1]
)
def test_what_it_cant_hold_is_told(value, tmp_path):
    with pytest.raises(DataError, match=r"a DiskCache can't hold a .*\n  got: 'extra' of a sample\n  expected: images"):
        write_entry(tmp_path / "a.kept", [Kept({"extra": value}, {})])
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_cant_be_written_to_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"can't keep a prepared item\n  got: .*\n  try: free space, or name another"):
        write_entry(tmp_path / "file" / "a.kept", [Kept({"image": volume()}, {})])
