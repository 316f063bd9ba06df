"""Peak memory of a 200-megapixel export: `python -m tests.benchmarks.memory [MODEL]`.

Without MODEL the network has LIIF's encoder but a decoder with one narrow hidden layer: the
features and bands that fill memory are those of LIIF, at a fraction of the time. With `liif`
it takes some 25 minutes on two cores.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from liifgan_core import ExportOptions, Image, Size, export_image, load_model, read_image
from liifgan_core.models.config import LIIFConfig
from liifgan_core.models.liif import LIIF
from liifgan_core.resources import resource_path
from liifgan_core.weights.registry import Provenance
from liifgan_core.weights.store import save_weights

LR_SIZE = Size(3120, 4160)
SCALE = 4


def main(model_name: str | None, formats: tuple[str, ...] = ("png", "tiff", "jpeg")) -> None:
    """Export one large picture and print the peak after each format."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        thin = folder / "thin.safetensors"
        provenance = Provenance(licence="none", origin="untrained", trained_scales=(1.0, 4.0))
        save_weights(thin, LIIF(LIIFConfig(hidden=(32,))), provenance)
        model = load_model(model_name or str(thin))
        sample = read_image(resource_path("samples", "osprey.png")).samples
        image = Image(np.tile(sample, (13, 13, 1)))
        assert image.size == LR_SIZE
        size = Size(LR_SIZE.height * SCALE, LR_SIZE.width * SCALE)
        for format_name in formats if model_name is None else formats[:1]:
            start_s = time.perf_counter()
            target = folder / f"large.{format_name}"
            export_image(image, target, size, model, ExportOptions(format=format_name))
            seconds = time.perf_counter() - start_s
            peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{format_name}: {image.size} to {size} ({size.num_pixels / 1e6:.0f} MP), "
                f"{model.info.name}, {seconds:.0f} s, {target.stat().st_size / 1e6:.0f} MB, "
                f"peak so far {peak_mib:.0f} MiB",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
