import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundlert.data.disk_folder import DiskFolder
from bundlert.errors import PolicyError
from bundlert.files import Bounds, confined


def put(folder, key, size, used_s):
    folder.file(key).write_bytes(bytes(size))
    os.utime(folder.file(key), (used_s, used_s))


def keys(folder):
    return sorted(file.stem for file in folder.folder.glob("[!.]*.kept"))


def test_nobody_else_may_look_into_it(tmp_path):
    folder = DiskFolder(tmp_path / "a" / "b")
    assert stat.S_IMODE(folder.folder.stat().st_mode) == 0o700


def test_what_was_not_used_for_longest_goes_first(tmp_path):
    folder = DiskFolder(tmp_path, 100)
    for key, size, used in (("a", 40, 3), ("b", 40, 1), ("c", 40, 2), ("d", 20, 4)):
        put(folder, key, size, used)
    assert folder.size_bytes == 140
    folder.trim(keep="d")
    assert keys(folder) == ["a", "c", "d"]
    folder.used("c")
    put(folder, "e", 40, time.time())
    folder.trim(keep="e")
    assert keys(folder) == ["c", "d", "e"]


def test_one_that_is_larger_than_the_limit_stays_as_long_as_it_is_the_newest(tmp_path):
    folder = DiskFolder(tmp_path, 10)
    for number, key in enumerate("ab"):
        put(folder, key, 50, number)
        folder.trim(keep=key)
        assert keys(folder) == [key]


def test_without_a_limit_all_stay(tmp_path):
    folder = DiskFolder(tmp_path)
    put(folder, "a", 10**6, 0)
    folder.trim(keep="b")
    assert keys(folder) == ["a"]


@given(sizes=st.lists(st.integers(1, 50), min_size=1, max_size=12), limit=st.integers(1, 200))
def test_the_rest_is_within_the_limit_and_no_more_went_than_had_to(sizes, limit, tmp_path_factory):
    folder = DiskFolder(tmp_path_factory.mktemp("folder"), limit)
    names = [f"{number:02}" for number in range(len(sizes))]
    for number, (name, size) in enumerate(zip(names, sizes, strict=True)):
        put(folder, name, size, number)
    folder.trim(keep=names[-1])
    left = keys(folder)
    assert left == names[len(names) - len(left) :]
    assert folder.size_bytes <= max(limit, sizes[-1])
    gone = len(names) - len(left)
    assert gone == 0 or sum(sizes[gone - 1 :]) > limit


def test_what_a_killed_process_left_is_removed_once_it_is_old(tmp_path):
    DiskFolder(tmp_path)
    old, new, other = tmp_path / ".12ab.tmp.x.kept", tmp_path / ".34cd.tmp.x.kept", tmp_path / ".mine"
    for file in (old, new, other):
        file.touch()
    os.utime(old, (0, 0))
    os.utime(other, (0, 0))
    folder = DiskFolder(tmp_path)
    assert (old.exists(), new.exists(), other.exists()) == (False, True, True)
    assert folder.size_bytes == 0


def test_only_one_at_a_time_makes_a_file(tmp_path):
    folder, inside = DiskFolder(tmp_path), []

    def make(_number):
        with folder.making("ab12"):
            inside.append(1)
            most = len(inside)
            time.sleep(0.01)
            inside.pop()
            return most

    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(make, range(12))) == {1}


def test_a_note_about_a_file_that_is_gone_is_nothing(tmp_path):
    DiskFolder(tmp_path).used("gone")


def test_it_is_made_only_where_it_may_be(tmp_path):
    with confined(Bounds(outputs=(tmp_path / "run",))), pytest.raises(PolicyError, match="may not be written"):
        DiskFolder(tmp_path / "elsewhere")
