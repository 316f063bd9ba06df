import mmap
import platform
import subprocess
import sys

import pytest

from liifgan_core.train import allocator

COUNT_FAULTS = """
import resource
from liifgan_core.train.allocator import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        bytearray(48 << 20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

first = faults()
assert keep_freed_memory()
faults()
print(first, faults())
"""
"""A block of 48 MiB, larger than any threshold of glibc's own, freed and taken again."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_freed_memory_is_used_again_without_asking_the_system():
    # In a process of its own: it cannot be undone.
    command = [sys.executable, "-c", COUNT_FAULTS]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    before, after = (int(number) for number in result.stdout.split())
    pages = 4 * (48 << 20) // mmap.PAGESIZE
    assert before > pages // 2
    assert after < pages // 100


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    monkeypatch.setattr(allocator.ctypes, "CDLL", None)
    assert allocator.keep_freed_memory() is False
