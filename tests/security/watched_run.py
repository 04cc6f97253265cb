"""Runs the command line with an audit hook that notes what reaches beyond the places of a run; a process of its own.

Allowed are: reading in the bundle, the named input, the settings and where Python and its libraries are installed;
writing below the working folder's `out`, `runs` and `cache`.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

from security import watch

HERE = Path.cwd()
SYSTEM = ["/proc", "/sys", "/dev/null", "/dev/urandom", "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime"]
SYSTEM += ["/etc/mime.types", "/etc/apache2", "/etc/httpd"]  # looked at by Python's own mimetypes
READ = [*watch.python_places(), *SYSTEM, HERE / "toy", HERE / "input", HERE / "settings", Path(__file__).parents[2]]
WRITE = [HERE / "out", HERE / "runs", HERE / "cache", HERE / "seg.nii.gz"]
LOG = os.open(os.environ["WATCH_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
_inside = []


def note(event, arguments):
    if _inside or not (event in watch.DEEDS or event == "open"):
        return
    _inside.append(1)
    try:
        for line in watch.deeds([(event, arguments)], may_read=READ, may_write=WRITE):
            os.write(LOG, f"{line}\n".encode())
    finally:
        _inside.clear()


if __name__ == "__main__":
    from bundlert.cli.main import main

    sys.addaudithook(note)
    main()
