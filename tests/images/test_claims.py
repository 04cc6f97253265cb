from __future__ import annotations

import numpy as np
import pytest

from bundlert.errors import DataError
from bundlert.images.claims import check_room, checked_grid, claim_of, damaged, ends_early, wrong_header


@pytest.fixture
def file(tmp_path):
    (tmp_path / "a.nii").write_bytes(b"x" * 30)
    return tmp_path / "a.nii"


def test_a_claim_is_told_with_the_file_and_what_it_holds(file):
    with pytest.raises(DataError) as caught:
        check_room(file, 2000, 1999, "10 x 100 int16")
    assert str(caught.value) == (
        f"image '{file}' claims more voxels than it can hold\n  got: a file of 30 B\n"
        "  expected: 2.0 kB, as its header says: 10 x 100 int16\n  try: copy or download it again"
    )
    check_room(file, 2000, 2000, "10 x 100 int16")


def test_sizes_and_numbers_are_told_in_words():
    assert claim_of((3, 4), np.dtype(">i2")) == "3 x 4 int16"


@pytest.mark.parametrize(
    ("make", "what"), [(damaged, "is damaged"), (ends_early, "ends early"), (wrong_header, "has a wrong header")]
)
def test_each_fault_names_the_file_and_what_was_met(file, make, what):
    text = str(make(file, "this", "that"))
    assert text.startswith(f"image '{file}' {what}\n  got: this\n  expected: that")


@pytest.mark.parametrize(
    ("shape", "affine", "message"),
    [
        ((3, 0, 2), np.eye(4), "has no usable shape\n  got: \\(3, 0, 2\\)"),
        ((3, 1, 2), np.diag([1, 0, 1, 1.0]), "has no usable place: its affine is singular"),
        ((3, 1), np.diag([1, np.inf, 1.0]), "has no usable place: its affine has values that are not finite"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(file, shape, affine, message):
    with pytest.raises(DataError, match=message):
        checked_grid(file, shape, affine)


def test_a_good_grid_is_given():
    assert checked_grid("a", (1, 2), np.eye(3)).shape == (1, 2)
