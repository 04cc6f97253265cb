import hashlib
import os
import signal
import subprocess
import sys
from threading import Barrier, Thread

import pytest

from bundlert.files import atomic, sha256, write_text

KILLED = """
import os, signal, sys
from pathlib import Path
from bundlert.files import atomic
with atomic(Path(sys.argv[1])) as temporary:
    temporary.write_text("half of the n")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder):
    return sorted(file.name for file in folder.iterdir())


def test_a_file_appears_when_the_block_has_ended(tmp_path):
    with atomic(tmp_path / "deep" / "er" / "a.txt") as temporary:
        temporary.write_text("new")
        assert not (tmp_path / "deep" / "er" / "a.txt").exists()
    assert names(tmp_path / "deep" / "er") == ["a.txt"]
    assert (tmp_path / "deep" / "er" / "a.txt").read_text() == "new"


def test_the_temporary_name_is_hidden_and_keeps_the_suffixes(tmp_path):
    with atomic(tmp_path / "ct.nii.gz") as temporary:
        temporary.touch()
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(".")
        assert temporary.name.endswith(".ct.nii.gz")


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    write_text(tmp_path / "a.txt", "old")
    with pytest.raises(TypeError), atomic(tmp_path / "a.txt") as temporary, temporary.open("w") as opened:
        opened.writelines(["half", None])
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


@pytest.mark.parametrize("old", ["old", None])
def test_a_killed_process_leaves_the_old_file_or_none(old, tmp_path):
    file = tmp_path / "a.txt"
    if old:
        write_text(file, old)
    killed = subprocess.run([sys.executable, "-c", KILLED, file], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (file.read_text() if file.exists() else None) == old
    write_text(file, "new")
    assert file.read_text() == "new"


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_permissions_are_those_of_any_new_file(umask, tmp_path):
    before = os.umask(umask)
    try:
        write_text(tmp_path / "ours", "")
        (tmp_path / "plain").touch()
    finally:
        os.umask(before)
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_two_writers_at_once_do_not_meet_in_one_temporary_file(tmp_path):
    both_inside = Barrier(2, timeout=30)

    def write(text):
        with atomic(tmp_path / "a.txt") as temporary:
            temporary.write_text(text)
            both_inside.wait()
            assert temporary.read_text() == text

    writers = [Thread(target=write, args=(text,)) for text in ("one", "other")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() in ("one", "other")


def test_text_is_utf_8_with_the_line_ends_it_has(tmp_path):
    write_text(tmp_path / "a.txt", "Säule\n")
    assert (tmp_path / "a.txt").read_bytes() == b"S\xc3\xa4ule\n"


@pytest.mark.parametrize("size", [0, 5, (1 << 20) + 3])
def test_a_digest_is_that_of_the_whole_file(size, tmp_path):
    data = bytes(range(256)) * (size // 256 + 1)
    (tmp_path / "a").write_bytes(data[:size])
    assert sha256(tmp_path / "a") == hashlib.sha256(data[:size]).hexdigest()
