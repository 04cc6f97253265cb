import hashlib
import os
import pickle
import signal
import subprocess
import sys
from threading import Barrier, Thread

import pytest

from bundlert.errors import PolicyError
from bundlert.files import (
    Bounds,
    atomic,
    bounds_in_force,
    confined,
    content_of,
    readable,
    sha256,
    vouched,
    writable,
    write_text,
)

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


# ---- bounds


@pytest.fixture
def bounds(tmp_path):
    for name in ("inside", "named", "outputs", "elsewhere"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    return Bounds((tmp_path / "inside",), (tmp_path / "named",), (tmp_path / "outputs",))


def test_a_run_reads_and_writes_where_it_may(bounds, tmp_path):
    with confined(bounds):
        assert [name for name in names(tmp_path) if allowed(readable, tmp_path / name / "file")] == [
            "inside",
            "named",
            "outputs",
        ]
        assert [name for name in names(tmp_path) if allowed(writable, tmp_path / name / "new")] == ["outputs"]
    assert allowed(readable, tmp_path / "elsewhere" / "file")
    assert allowed(writable, tmp_path / "elsewhere" / "new")


def allowed(question, file):
    try:
        return question(file) == file
    except PolicyError:
        return False


def test_nothing_is_written_elsewhere_not_even_a_folder(bounds, tmp_path):
    with (
        confined(bounds),
        pytest.raises(PolicyError, match=r"may not be written.*\n  try: name it on the command line"),
    ):
        write_text(tmp_path / "elsewhere" / "deep" / "a.txt", "new")
    assert names(tmp_path / "elsewhere") == ["file"]


@pytest.mark.parametrize("way", ["inside/../elsewhere/file", "named/../elsewhere/file", "outputs/../elsewhere/file"])
def test_no_way_leads_out(bounds, tmp_path, way):
    with confined(bounds):
        assert not allowed(readable, tmp_path / way)
        assert not allowed(writable, tmp_path / way)


def test_links_of_a_bundle_lead_nowhere_but_those_of_the_user_where_he_likes(bounds, tmp_path):
    for name in ("inside", "named", "outputs"):
        (tmp_path / name / "link").symlink_to(tmp_path / "elsewhere")
    with confined(bounds):
        assert not allowed(readable, tmp_path / "inside" / "link" / "file")
        assert allowed(readable, tmp_path / "named" / "link" / "file")
        assert not allowed(readable, tmp_path / "named" / "link" / ".." / "file")
        assert not allowed(writable, tmp_path / "outputs" / "link" / "file")


def test_bounds_hold_in_every_thread(bounds, tmp_path):
    found = []
    with confined(bounds):
        thread = Thread(target=lambda: found.append(allowed(readable, tmp_path / "elsewhere" / "file")))
        thread.start()
        thread.join()
    assert found == [False]


def test_a_named_file_may_be_written_and_nothing_beside_it(tmp_path):
    with confined(Bounds(outputs=(tmp_path / "seg.nii.gz",))):
        write_text(tmp_path / "seg.nii.gz", "")
        assert not allowed(writable, tmp_path / "other.nii.gz")


# ---- files that somebody vouched for


def test_of_a_vouched_folder_only_what_was_looked_at_is_read(tmp_path):
    write_text(tmp_path / "in" / "a.py", "old")
    write_text(tmp_path / "out.py", "any")
    with vouched(tmp_path / "in", {"a.py": sha256(tmp_path / "in" / "a.py")}):
        assert content_of(tmp_path / "in" / "a.py") == b"old"
        assert content_of(tmp_path / "out.py") == b"any"
        write_text(tmp_path / "in" / "a.py", "new")
        with pytest.raises(PolicyError, match=r"'.*a\.py' isn't what was trusted: it was changed in the meantime"):
            content_of(tmp_path / "in" / "a.py")
        write_text(tmp_path / "in" / "b.py", "old")
        with pytest.raises(PolicyError, match=r"it was added in the meantime"):
            content_of(tmp_path / "in" / ".." / "in" / "b.py")
    assert content_of(tmp_path / "in" / "a.py") == b"new"


def test_a_link_is_as_good_as_what_it_leads_to(tmp_path):
    write_text(tmp_path / "in" / "a.py", "old")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "b.py").symlink_to("a.py")
    with vouched(tmp_path / "link", {"a.py": sha256(tmp_path / "in" / "a.py")}):
        assert content_of(tmp_path / "in" / "b.py") == b"old"
        write_text(tmp_path / "in" / "a.py", "new")
        with pytest.raises(PolicyError, match="it was changed in the meantime"):
            content_of(tmp_path / "in" / "b.py")


def test_what_binds_one_process_binds_another_that_works_for_it(bounds, tmp_path):
    code = (
        "import pickle, sys; from bundlert.files import bind, bounds_in_force, readable\n"
        "assert bounds_in_force() == ()\n"
        "bind(pickle.loads(bytes.fromhex(sys.argv[1])))\n"
        "try: readable(__import__('pathlib').Path(sys.argv[2]))\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    with confined(bounds):
        packed = pickle.dumps(bounds_in_force()).hex()
    outside = tmp_path / "elsewhere.txt"
    done = subprocess.run([sys.executable, "-c", code, packed, outside], capture_output=True, text=True, check=True)
    assert done.stdout == "PolicyError\n"
