"""Peak memory of this process."""

import resource
import sys
from pathlib import Path


def peak_bytes() -> int:
    """Return the largest resident memory so far.

    On Linux as the kernel tells it of the program itself: `ru_maxrss` of a child begins at its
    parent's, since it is counted before the program is exchanged.
    """
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
