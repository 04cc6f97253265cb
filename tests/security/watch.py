"""What a process does to the world: seen by an audit hook, which can't be taken away again, so it is switched."""

import os
import re
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

DEEDS = (
    *("os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "subprocess.Popen", "pty.spawn"),
    *("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "urllib.Request", "pickle.find_class"),
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.chmod", "os.chown", "os.truncate"),
    *("shutil.copyfile", "shutil.move", "shutil.rmtree", "os.putenv", "os.chdir", "ctypes.dlopen", "sys.setprofile"),
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

BY_LIBRARIES = ("OPENBLAS_MAIN_FREE", "TORCHINDUCTOR_CACHE_DIR")  # numpy and torch set these when they are imported
_TEMPORARY = re.compile(r"\.[0-9a-f]{8}\.tmp\.")

_seen = []
_switch = threading.Event()


def _hook(event, arguments):
    if _switch.is_set() and (event in DEEDS or event == "open"):
        _seen.append((event, arguments))


sys.addaudithook(_hook)


@contextmanager
def watched():
    """The events inside the block, as they come."""
    _seen.clear()
    _switch.set()
    try:
        yield _seen
    finally:
        _switch.clear()


def deeds(seen, *, may_read, may_write=()):
    """What of the events is more than reading and writing where that is allowed."""
    return [f"{event} {arguments}" for event, arguments in seen if not _is_fine(event, arguments, may_read, may_write)]


def _is_fine(event, arguments, may_read, may_write):
    if event == "open":
        return _may_open(*arguments, may_read, may_write)
    if event == "ctypes.dlopen":
        return arguments[0] is None or is_below(arguments[0], python_places())
    if event == "os.putenv":
        return os.fsdecode(arguments[0]) in BY_LIBRARIES
    if event in ("os.mkdir", "os.remove", "os.chmod"):
        return is_below(arguments[0], may_write) or (event == "os.mkdir" and Path(arguments[0]).is_dir())
    return event == "os.rename" and all(is_below(one, may_write) for one in arguments[:2])


def _may_open(file, mode, flags, may_read, may_write):
    if isinstance(file, int):
        return True
    writes = bool(flags & _WRITES) if isinstance(flags, int) else any(one in (mode or "r") for one in "wax+")
    return is_below(file, may_write if writes else (*may_read, *may_write))


def is_below(file, folders):
    """Whether a file lies in one of some folders."""
    place = Path(os.path.realpath(os.fsdecode(file)))
    place = place.with_name(_TEMPORARY.sub("", place.name))  # beside the file that it becomes
    return any(place == one or one in place.parents for one in (Path(os.path.realpath(folder)) for folder in folders))


def python_places():
    """Where Python, its packages and this house are installed."""
    house = Path(__file__).parents[2]
    packages = [one for one in sys.path if "site-packages" in one]
    return [sys.prefix, sys.base_prefix, *packages, house / "bundlert", house / "schemas"]
