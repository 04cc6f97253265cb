from __future__ import annotations

import pytest

from bundlert.errors import DataError, PolicyError
from bundlert.files import Bounds, confined
from bundlert.images.detached import detached_file, passed_lines


@pytest.fixture
def header(tmp_path):
    (tmp_path / "here" / "below").mkdir(parents=True)
    for place in ("here/a.raw", "here/below/a.raw", "secret.raw"):
        (tmp_path / place).write_bytes(b"one\ntwo\n12")
    return tmp_path / "here" / "a.nhdr"


@pytest.mark.parametrize("name", ["a.raw", "./a.raw", "below/a.raw", "below\\a.raw"])
def test_a_file_beside_the_header_or_below_is_found(header, name):
    assert detached_file(header, name).read_bytes() == b"one\ntwo\n12"


@pytest.mark.parametrize("name", ["../secret.raw", "/etc/passwd", "below/../../secret.raw", "C:\\a.raw", ""])
def test_a_file_elsewhere_is_refused(header, name):
    with pytest.raises(DataError, match=r"has a wrong header\n  got: its voxels in '.*'\n  expected: a file beside"):
        detached_file(header, name)


@pytest.mark.parametrize("name", ["LIST", "LIST 2", "slice%03d.raw 1 20 1"])
def test_voxels_in_several_files_are_refused(header, name):
    with pytest.raises(DataError, match=r"its voxels in several files: .*\n  expected: one file"):
        detached_file(header, name)


@pytest.mark.parametrize("name", ["b.raw", "below"])
def test_a_missing_file_is_named(header, name):
    with pytest.raises(DataError, match=f"the voxels of image '.*a.nhdr' are missing\n  got: no file '.*{name}'"):
        detached_file(header, name)


def test_a_link_that_leads_out_of_what_was_named_is_refused(header, tmp_path):
    (header.parent / "b.raw").symlink_to(tmp_path / "secret.raw")
    with confined(Bounds(inside=(header.parent,))), pytest.raises(PolicyError, match="may not be read"):
        detached_file(header, "b.raw")


def test_lines_are_passed_over(header):
    assert passed_lines(header.with_name("a.raw"), 0, 2) == 8
    assert passed_lines(header.with_name("a.raw"), 4, 1) == 8
    with pytest.raises(DataError, match="ends early\n  got: 2 lines\n  expected: 3 before its voxels"):
        passed_lines(header.with_name("a.raw"), 0, 3)
    with pytest.raises(DataError, match="has a wrong header\n  got: line skip -1"):
        passed_lines(header.with_name("a.raw"), 0, -1)
