"""Renders the pictures of the app's first page: a part of a sample, and what a model makes of it.

    python packaging/draw_before_after.py [MODEL]

Takes the default model of this machine, or the named one; CPU, fp32. Writes `before.png`,
`after.jpg` and `made.json`, which names the model, into `resources/pictures`.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from liifgan_core.resources import resource_path
from liifgan_core.weights.default_model import default_model

SAMPLE = "osprey.png"
BOX = (64, 8, 244, 143)
"""(left, top, right, bottom) of the sample: the head, 180 x 135 pixels."""
FACTOR = 4
_QUALITY = 90
_RUN = "from liifgan_core.cli import main; main()"


def main(model: str) -> None:
    """Write the pictures."""
    folder = resource_path("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    before = folder / "before.png"
    with Image.open(resource_path("samples", SAMPLE)) as sample:
        sample.convert("RGB").crop(BOX).save(before, optimize=True)
    with tempfile.TemporaryDirectory() as name:
        whole = Path(name) / "after.png"
        command = ["upscale", str(before), "--scale", str(FACTOR), "--model", model]
        command += ["--device", "cpu", "--precision", "fp32", "--output", str(whole)]
        subprocess.run([sys.executable, "-c", _RUN, *command], check=True)
        with Image.open(whole) as after:
            after.convert("RGB").save(folder / "after.jpg", quality=_QUALITY, subsampling=0)
    made = {"model": model, "factor": FACTOR, "sample": SAMPLE, "box": BOX}
    (folder / "made.json").write_text(json.dumps(made) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else default_model(is_accelerated=False).name)
