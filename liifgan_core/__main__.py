"""`python -m liifgan_core` is the command `liifgan`."""

from liifgan_core.cli import main

if __name__ == "__main__":
    main()
