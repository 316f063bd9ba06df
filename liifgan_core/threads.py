"""How threads of OpenMP wait for each other. To be called before torch is imported."""

import os

_WAITING = {"GOMP_SPINCOUNT": "1000"}
"""For GNU's OpenMP, torch's on Linux. By default a thread that has nothing to do spins for
milliseconds: beside another program on the same cores it takes their time from those that work.
Two renderings at once, two cores of an AMD EPYC (Zen 4): 3.8 times as long as one alone with GNU's
default, 1.9 times with 1000 rounds, which is as fast alone; sleeping at once (OMP_WAIT_POLICY
passive) makes one alone 10 % slower."""


def share_cores() -> None:
    """Keep waiting threads from taking others' time, unless the environment says how they wait."""
    if "OMP_WAIT_POLICY" not in os.environ:
        for name, value in _WAITING.items():
            os.environ.setdefault(name, value)
