"""The packaged app's start."""

import multiprocessing
import sys

if __name__ == "__main__":
    # A child process of a frozen program is the program again, with arguments that this reads.
    multiprocessing.freeze_support()
    from app.__main__ import main

    sys.exit(main())
