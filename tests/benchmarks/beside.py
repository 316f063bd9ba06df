"""Other work of the program's on the same cores, while something is measured."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from liifgan_core.resources import resource_path

Beside = Literal["batch", "training"]
BATCH_PHOTOS = 500
"""More than it can draw meanwhile."""
WARM_UP_S = 20.0
"""Until it has loaded what it needs and computes."""


@contextmanager
def beside(work: Beside) -> Generator[None]:
    """Have another process draw a batch, or train, as long as the context lasts.

    Raises RuntimeError where it has ended before: then something was measured alone.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample = resource_path("samples", "osprey.png")
        if work == "batch":
            photos = folder / "photos"
            photos.mkdir()
            for number in range(BATCH_PHOTOS):
                shutil.copy(sample, photos / f"{number:03}.png")
            arguments = ["upscale", str(photos), "--recursive", "--scale", "4"]
            arguments += ["-o", str(folder / "out")]
        else:
            arguments = ["train", "--recipe", "cpu_liif", "--data", str(sample.parent)]
            arguments += ["--out", str(folder / "run")]
        log = folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "liifgan_core", *arguments], stdout=output, stderr=output
            )
        try:
            time.sleep(WARM_UP_S)
            yield
            if process.poll() is not None:
                tail = log.read_text(errors="replace")[-500:]
                raise RuntimeError(f"the {work} ended before what was measured beside it: {tail}")
        finally:
            process.kill()
            process.wait()
