from __future__ import annotations

import numpy as np
import pytest
from images.itk import itk_image

from bundlert.errors import DataError
from bundlert.images.reading import read_grid, read_image

NUMBERS = np.arange(24, dtype="<i2")
FIELDS = {"type": "short", "dimension": "3", "sizes": "2 3 4", "endian": "little", "encoding": "raw"}
PLACE = {"space": "RAS", "space directions": "(1,0,0) (0,2,0) (0,0,3)", "space origin": "(5,6,7)"}


def written(folder, *, name="a.nrrd", numbers=NUMBERS, lines=(), **fields):
    """A file of these fields; None leaves one out."""
    told = {key.replace("_", " "): value for key, value in {**FIELDS, **fields}.items() if value is not None}
    head = "\n".join(["NRRD0005", "# a comment: here", *(f"{key}: {value}" for key, value in told.items()), *lines])
    (folder / name).write_bytes(f"{head}\n\n".encode() + numbers.tobytes())
    return folder / name


PLACES = {
    "RAS": PLACE,
    "right-anterior-superior": {**PLACE, "space": "right-anterior-superior"},
    "LAS": {**PLACE, "space": "left-anterior-superior"},
    "LPS": {**PLACE, "space": "left-posterior-superior"},
    "scanner": {**PLACE, "space": "scanner-xyz"},
    "no name": {"space dimension": "3", **PLACE, "space": None},
    "oblique": {**PLACE, "space directions": "(0.8, 0.6, 0) (-1.2,1.6,0) (0,0,3)"},
    "spacings": {"spacings": "1 2.5 3"},
    "nothing": {},
    "two dimensions": {
        "dimension": "2",
        "sizes": "6 4",
        "space dimension": "2",
        "space directions": "(0.6,-0.8) (1.6,1.2)",
        "space origin": "(5,6)",
    },
    "channels first": {
        **PLACE,
        "dimension": "4",
        "sizes": "2 3 4 1",
        "kinds": "vector domain domain domain",
        "space directions": "none (1,0,0) (0,2,0) (0,0,3)",
    },
    "channels last": {
        **PLACE,
        "dimension": "4",
        "sizes": "3 4 1 2",
        "kinds": "domain domain domain list",
        "space directions": "(1,0,0) (0,2,0) (0,0,3) none",
    },
    "channels by kind": {"dimension": "4", "sizes": "2 3 2 2", "kinds": "list space space space"},
}


@pytest.mark.parametrize("fields", PLACES.values(), ids=PLACES)
def test_place_and_axes_are_those_that_itk_reads(tmp_path, fields):
    file = written(tmp_path, **fields)
    image = read_image(file)
    voxels, affine = itk_image(file)
    np.testing.assert_array_equal(image.data, voxels)
    np.testing.assert_allclose(image.grid.affine, affine, atol=1e-12)


def test_a_sheared_space_is_kept_as_it_is(tmp_path):
    grid = read_grid(written(tmp_path, **{**PLACE, "space directions": "(1,0,0) (0.5,2,0) (0,0,3)"}))
    np.testing.assert_array_equal(grid.affine, [[1, 0.5, 0, 5], [0, 2, 0, 6], [0, 0, 3, 7], [0, 0, 0, 1]])


def test_a_plane_in_three_dimensions_is_one_slice(tmp_path):
    fields = {"dimension": "2", "sizes": "6 4", **PLACE, "space directions": "(2,0,0) (0,0,2)"}
    image = read_image(written(tmp_path, **fields))
    assert image.data.shape == (1, 6, 4, 1)
    np.testing.assert_array_equal(image.grid.affine[:3, 2], [0, -1, 0])


@pytest.mark.parametrize(("unit", "factor"), [("mm", 1), ("cm", 10), ("um", 1e-3), ("m", 1000)])
def test_units_become_mm(tmp_path, unit, factor):
    grid = read_grid(written(tmp_path, **PLACE, **{"space units": " ".join([f'"{unit}"'] * 3)}))
    np.testing.assert_allclose(np.diag(grid.affine)[:3], np.multiply([1, 2, 3], factor))


def test_keys_and_unknown_fields_are_passed_over(tmp_path):
    lines = ["Segment0_ID:=a: b", "content: CT", "measurement frame: (1,0,0) (0,1,0) (0,0,1)"]
    assert read_grid(written(tmp_path, lines=lines)).shape == (2, 3, 4)


def test_voxels_may_stand_in_another_file_behind_lines_and_bytes(tmp_path):
    (tmp_path / "a.raw").write_bytes(b"first\nsecond\n...." + NUMBERS.tobytes())
    fields = {"data file": "a.raw", "line skip": "2", "byte skip": "4"}
    found = read_image(written(tmp_path, name="a.nhdr", numbers=NUMBERS[:0], **fields)).data
    np.testing.assert_array_equal(found.numpy().transpose(0, 3, 2, 1).ravel(), NUMBERS)


def test_voxels_may_be_counted_from_the_end_of_their_file(tmp_path):
    (tmp_path / "a.raw").write_bytes(b"anything" + NUMBERS.tobytes())
    fields = {"data file": "a.raw", "byte skip": "-1"}
    found = read_image(written(tmp_path, name="a.nhdr", numbers=NUMBERS[:0], **fields)).data
    np.testing.assert_array_equal(found.numpy().transpose(0, 3, 2, 1).ravel(), NUMBERS)


WRONG = {
    "no type": ({"type": None}, "no 'type'"),
    "type": ({"type": "block"}, "type block"),
    "no encoding": ({"encoding": None}, "no 'encoding'"),
    "encoding": ({"encoding": "bzip2"}, "encoding bzip2\n  expected: raw, gzip or text"),
    "no endian": ({"endian": None}, "no 'endian'"),
    "endian": ({"endian": "middle"}, "endian middle\n  expected: little or big"),
    "sizes": ({"sizes": "2 x 4"}, "sizes 2 x 4\n  expected: whole numbers"),
    "negative": ({"sizes": "2 -3 4"}, "sizes 2 -3 4\n  expected: whole numbers"),
    "no voxels": ({"sizes": "2 0 4"}, "sizes 2 0 4\n  expected: dimension 3, each at least 1"),
    "dimension": ({"dimension": "2"}, "sizes 2 3 4\n  expected: dimension 2"),
    "one axis": ({"dimension": "1", "sizes": "24"}, "1 axes of space in 1\n  expected: 2 or 3"),
    "two channels": (
        {"dimension": "4", "sizes": "2 3 2 2", "kinds": "list list domain domain"},
        "2 axes of space in 4\n  expected: 2 or 3, and at most one of channels",
    ),
    "time": ({"dimension": "4", "sizes": "2 3 2 2"}, "4 axes of space in 4"),
    "vectors": ({**PLACE, "space directions": "(1,0,0) (0,1,0)"}, r"space directions .*\n  expected: 3 vectors"),
    "no vectors": ({**PLACE, "space directions": "none none none"}, r"space directions none none none"),
    "words": ({**PLACE, "space directions": "(1,0,0) (0,a,0) (0,0,1)"}, r"space directions \(0,a,0\)"),
    "origin": ({**PLACE, "space origin": "(1,2)"}, r"space origin \(1,2\)\n  expected: 3 numbers"),
    "space": ({**PLACE, "space": "mars"}, "space mars\n  expected: one of right-anterior-superior"),
    "units": ({**PLACE, "space units": '"inch" "inch" "inch"'}, 'space units "inch"'),
    "kinds": ({"kinds": "domain domain"}, "2 kinds, 3 spacings\n  expected: 3 of each"),
    "skip": ({"byte skip": "-2"}, "byte skip -2"),
    "skip of gzip": ({"byte skip": "-1", "encoding": "gzip"}, "byte skip -1\n  expected: 0 or more; -1 for raw only"),
}


@pytest.mark.parametrize(("fields", "message"), WRONG.values(), ids=WRONG)
def test_a_header_that_cannot_be_understood_is_told(tmp_path, fields, message):
    with pytest.raises(DataError, match=f"has a wrong header\n  got: {message}"):
        read_grid(written(tmp_path, **fields))


def test_a_header_without_an_end(tmp_path):
    (tmp_path / "a.nrrd").write_text("NRRD0004\ntype: short\n")
    with pytest.raises(DataError, match="ends early\n  got: a header\n"):
        read_grid(tmp_path / "a.nrrd")
    (tmp_path / "a.nrrd").write_bytes(b"NRRD0004\n" + b"x" * 2_000_000)
    with pytest.raises(DataError, match="is damaged\n  got: a header without an end"):
        read_grid(tmp_path / "a.nrrd")
