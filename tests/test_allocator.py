import platform
import subprocess
import sys

import pytest

from bundlert import allocator

BLOCKS = """
import resource, sys
from bundlert.allocator import keep_freed_memory
kept = keep_freed_memory()
bytes(1 << 24)
begun = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    bytearray(b"x") * (1 << 24)
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - begun)
"""
PAGES = 50 * (1 << 24) // 4096
glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")


def faults(**environment):
    done = subprocess.run([sys.executable, "-c", BLOCKS], env=environment, capture_output=True, text=True, check=True)
    kept, count = done.stdout.split()
    return kept == "True", int(count)


@glibc
def test_blocks_that_were_freed_are_used_again_without_asking_for_pages():
    kept, count = faults()
    assert kept
    assert count < PAGES / 20


@glibc
@pytest.mark.parametrize(
    "setting", [{"MALLOC_MMAP_THRESHOLD_": "131072"}, {"GLIBC_TUNABLES": "glibc.malloc.trim_threshold=131072"}]
)
def test_settings_from_outside_are_kept(setting):
    kept, count = faults(**setting)
    assert not kept
    assert count > PAGES / 20


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_nothing_happens_with_another_c_library(error, monkeypatch):
    def library(name):
        raise error

    monkeypatch.setattr(allocator.ctypes, "CDLL", library)
    assert not allocator.keep_freed_memory()
