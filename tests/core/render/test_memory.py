"""That memory stays bounded whatever the result's size: in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

EXPORT = """
import sys
from pathlib import Path
import numpy as np
import torch
from liifgan_core.geometry import Size
from liifgan_core.images.image import Image
from liifgan_core.render.export import ExportOptions, export_image
from liifgan_core.render.placed_model import load_model
from tests.peak_memory import peak_bytes

path, height, width = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
# A single LR pixel: every query has one tap instead of four, which saves time.
image = Image(np.full((1, 1, 3), 100, np.uint8))
model = load_model("least", device="cpu", precision="fp32")
options = ExportOptions(format=path.suffix[1:], overwrite=True)
export_image(image, path, Size(300, 400), model, options)
before = peak_bytes()
export_image(image, path, Size(height, width), model, options)
print(peak_bytes() - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="getrusage is POSIX only")
@pytest.mark.parametrize("suffix", [".tiff"])
def test_a_60_megapixel_export_takes_far_less_than_its_floats(
    suffix: str, data_dir: Path, tmp_path: Path
) -> None:
    from liifgan_core.models.config import EDSRConfig, LIIFConfig
    from liifgan_core.weights.store import save_weights
    from tests.conftest import PROVENANCE, seeded_network

    config = LIIFConfig(encoder=EDSRConfig(num_features=1, num_blocks=1), hidden=(2,))
    save_weights(data_dir / "weights" / "least.safetensors", seeded_network(config), PROVENANCE)
    result = subprocess.run(
        [sys.executable, "-c", EXPORT, str(tmp_path / f"a{suffix}"), "7500", "8000"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=Path(__file__).parents[3],
    )
    assert result.returncode == 0, result.stderr
    as_floats = 7500 * 8000 * 3 * 4
    assert int(result.stdout) < as_floats / 2
