"""Stands for `liifgan`: `train` takes ten steps at a time, then waits to be asked to end.

With --max-steps it ends there. The recipe "broken" fails, "stubborn" crashes without a word.
"""

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image as PillowImage
from safetensors.numpy import save_file

from liifgan_core.weights.registry import HEADER_KEY, Header, Provenance

STEPS, SIDE, FACTOR = 100, 16, 4


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["train"])
    for name in ("--recipe", "--data", "--out", "--device", "--init"):
        parser.add_argument(name)
    parser.add_argument("--max-steps", type=int)
    parser.add_argument("--resume", action="store_true")
    arguments = parser.parse_args()
    out = Path(arguments.out)
    checkpoint = out / "checkpoint.safetensors"
    if arguments.recipe == "broken":
        print("liifgan: photos: 0 usable images; add photos", file=sys.stderr)
        return 1
    if arguments.recipe == "stubborn":
        os.abort()
    if arguments.resume != checkpoint.exists():
        print("liifgan: --resume does not fit", file=sys.stderr)
        return 1
    asked_to_end = threading.Event()
    # A handler, not a mask: NumPy's threads, which have no mask, would end the process.
    signal.signal(signal.SIGTERM, lambda *_: asked_to_end.set())
    step = int(checkpoint.read_text()) + 10 if arguments.resume else 10
    with (out / "metrics.jsonl").open("a") as log:
        log.write(json.dumps({"step": step, "structure_l1": 1 / step}) + "\n")
        log.write(json.dumps({"step": step, "val/x4/psnr": 20 + step / 10}) + "\n")
    write_pictures(out / "pictures" / f"{step:07d}")
    print(f"step {step}/{STEPS}: structure_l1 0.1; 0.1 s/step, 1:02:03 left", file=sys.stderr)
    if arguments.max_steps is None:
        asked_to_end.wait()
    checkpoint.write_text(str(step))
    write_model(out / "model.safetensors", step)
    return 0 if arguments.max_steps is not None else 130


def write_pictures(folder: Path) -> None:
    """LR, structure, result and original of one crop."""
    rng = np.random.default_rng(0)
    lr = rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    nearest = lr.repeat(FACTOR, axis=0).repeat(FACTOR, axis=1)
    parts = [nearest, nearest // 2, nearest // 3, nearest // 4]
    folder.mkdir(parents=True)
    PillowImage.fromarray(np.concatenate(parts, axis=1)).save(folder / "bird.png")


def write_model(path: Path, step: int) -> None:
    provenance = Provenance(licence="none", origin=f"{step} steps", trained_scales=(1.0, 4.0))
    header = Header(architecture="liif", config={"detail_tap": "last"}, provenance=provenance)
    metadata = {HEADER_KEY: msgspec.json.encode(header).decode()}
    save_file({"x": np.zeros(1, np.float32)}, str(path), metadata=metadata)
    card = {"recipe": {"name": "fake"}, "steps": step, "hours": 0.1, "metrics": {"val/x4/psnr": 30}}
    path.with_suffix(".json").write_text(json.dumps(card))


if __name__ == "__main__":
    sys.exit(main())
