"""Every shipped model draws its golden crop, within a step of 8 bits."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.weights.descriptor import describe
from liifgan_core.weights.registry import SUFFIX, shipped_weights_dir
from tests.core.goldens import SIDE, draw, golden_path

SHIPPED = sorted(shipped_weights_dir().glob(f"*{SUFFIX}"))


def test_there_are_no_golden_crops_of_other_models() -> None:
    assert SHIPPED
    found = {path.stem for path in golden_path("any").parent.glob("*.png")}
    assert found <= {path.stem for path in SHIPPED}


@pytest.mark.parametrize("weights", SHIPPED, ids=lambda path: path.stem)
def test_a_model_draws_its_golden_crop(weights: Path) -> None:
    golden = golden_path(weights.stem)
    assert golden.is_file(), f"draw it with: python -m tests.core.goldens {weights.stem}"
    trunk = describe(weights).trunk
    if trunk is not None and not trunk.is_installed:
        pytest.skip(f"{weights.stem} reads {trunk.name}, which is not installed here")
    with PilImage.open(golden) as stored:
        expected = np.asarray(stored.convert("RGB")).astype(int)
    assert expected.shape == (SIDE, SIDE, 3)
    assert np.abs(draw(weights).astype(int) - expected).max() <= 1
