"""Damaged files of every format: an error in one line, or a picture; nothing else ever.

A few hundred by default; `make fuzz` (LIIFGAN_FUZZ_FILES=2000) reads the whole corpus.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from liifgan_core.images.formats import FORMATS
from liifgan_core.images.read import DEFAULT_MEMORY_BYTES, read_image
from tests.core.images.mutations import good_files

NUM_FILES = int(os.environ.get("LIIFGAN_FUZZ_FILES", "350"))
SECONDS_A_FILE = 10

READ_ALL = """
import logging, signal, sys
from pathlib import Path
from liifgan_core.cli.console import one_line
from liifgan_core.errors import ImageReadError
from liifgan_core.images.read import read_image
from tests.core.images.mutations import good_files, mutated
from tests.peak_memory import peak_bytes

logging.disable(logging.WARNING)  # that is told beside pictures that are read
folder, count, seconds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
num_read = num_refused = 0
for number, (source, content) in enumerate(mutated(good_files(folder / "good"), count)):
    path = folder / f"damaged{source.suffix}"
    path.write_bytes(content)
    print(f"at {number}: {source.name}", flush=True)
    signal.alarm(seconds)  # ends the process where reading hangs
    try:
        image = read_image(path)
    except ImageReadError as error:
        num_refused += 1
        message = str(error)
        if not message.startswith(str(path)) or len(one_line(message)) > 400:
            sys.exit(f"unclear: {message}")
    else:
        num_read += 1
        assert image.size.num_pixels == image.samples.size // 3
    signal.alarm(0)
print(f"end {num_read} {num_refused} {peak_bytes()}")
"""


def test_every_format_is_in_the_corpus_and_whole(tmp_path: Path) -> None:
    files = good_files(tmp_path)
    found = {read_image(path).source_format for path in files}
    assert found == {known.name for known in FORMATS}
    assert len(files) > 35


@pytest.mark.skipif(sys.platform == "win32", reason="SIGALRM and getrusage are POSIX only")
def test_no_damage_crashes_hangs_or_eats_the_memory(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", READ_ALL, str(tmp_path), str(NUM_FILES), str(SECONDS_A_FILE)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    last = result.stdout.splitlines()[-1]
    assert result.returncode == 0, f"{last}: {result.stderr}"
    _, num_read, num_refused, peak_bytes = last.split()
    assert int(num_read) + int(num_refused) == NUM_FILES
    assert int(num_refused) > NUM_FILES // 3
    assert int(peak_bytes) < DEFAULT_MEMORY_BYTES
    # LibRaw says so by itself, and rawpy gives no way to silence it.
    told = [line for line in result.stderr.splitlines() if not line.startswith("unknown file: ")]
    assert told == [], "a library has written to stderr by itself"
