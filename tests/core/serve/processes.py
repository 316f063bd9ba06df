"""`liifgan serve` as a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from liifgan_core.serve.client import Client, find_service

TIMEOUT_S = 120.0


class ServiceProcess:
    """A service that prints, takes signals and has memory of its own."""

    def __init__(self, *arguments: object) -> None:
        command = [sys.executable, "-m", "liifgan_core", "serve", "--port", "0"]
        self.process = subprocess.Popen(
            [*command, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        assert self.process.stdout is not None
        self.lines = [self.process.stdout.readline().strip() for _ in range(2)]

    @property
    def client(self) -> Client:
        return find_service()

    def stop(self, number: int = signal.SIGTERM) -> str:
        """Send a signal, wait for the end, and return what was said on stderr."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=TIMEOUT_S)
        return errors

    @property
    def peak_bytes(self) -> int:
        """The most memory that was resident."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        [peak] = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
        return int(peak) * 1024


@contextmanager
def service_process(*arguments: object) -> Generator[ServiceProcess]:
    """Give a service, which is killed in the end if it still runs."""
    started = ServiceProcess(*arguments)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.communicate(timeout=TIMEOUT_S)
