"""Puts the plug-in for GIMP 3 together: its own files and a copy of the service's client."""

import shutil
import sys
from pathlib import Path

_HERE = Path(__file__).parent
_NAME = "liifgan-upscale"
_CLIENT = _HERE.parent.parent / "liifgan_core" / "serve" / "client.py"


def assemble(folder: Path) -> Path:
    """Write the plug-in's folder below `folder`, as GIMP wants it, and return it."""
    plug_in = folder / _NAME
    plug_in.mkdir(parents=True, exist_ok=True)
    for source in sorted((_HERE / _NAME).glob("*.py")):
        shutil.copy2(source, plug_in / source.name)
    shutil.copyfile(_CLIENT, plug_in / "liifgan_client.py")
    (plug_in / f"{_NAME}.py").chmod(0o755)  # GIMP runs it as a program
    return plug_in


if __name__ == "__main__":
    print(assemble(Path(sys.argv[1])))
