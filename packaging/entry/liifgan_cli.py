"""The packaged command line's start."""

import multiprocessing

if __name__ == "__main__":
    # A child process of a frozen program is the program again, with arguments that this reads.
    multiprocessing.freeze_support()
    from liifgan_core.cli import main

    main()
