"""Commands as processes, with pipes or on a terminal of their own."""

import os
import pty
import subprocess
import sys

MODULE = [sys.executable, "-m", "bundlert.cli.main"]


def bundlert(*words, cwd, **options):
    """Run a command to its end with pipes for stdout and stderr."""
    return subprocess.run([*MODULE, *map(str, words)], cwd=cwd, capture_output=True, text=True, check=False, **options)


def on_terminal(command, *, cwd, term="xterm"):
    """Run a command whose stderr is a terminal; give its exit code and what the terminal was sent."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": term}
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=theirs, env=environment)
    os.close(theirs)
    sent = b""
    while chunk := _read(ours):
        sent += chunk
    os.close(ours)
    return process.wait(timeout=60), sent.decode()


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other side is closed
        return b""
