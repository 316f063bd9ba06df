from pathlib import Path

import numpy as np
import pytest

from liifgan_core.geometry import Viewport
from liifgan_core.images.read import read_image
from liifgan_core.models.config import EDSRConfig, FieldConfig, LIIFConfig
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.placed_model import load_model
from liifgan_core.weights.store import save_weights
from tests.conftest import PROVENANCE, seeded_network
from tests.core.cli.conftest import Run

ENCODER = EDSRConfig(num_features=8, num_blocks=2, num_deep_blocks=1)
FIELD = FieldConfig(order=2, num_blocks=1)


@pytest.fixture(params=["field", "mlp"])
def air(request: pytest.FixtureRequest, data_dir: Path) -> Path:
    """A model whose detail is a field, and its structure a field or an MLP."""
    config = LIIFConfig(
        encoder=ENCODER,
        hidden=(16,),
        structure_tap="trunk",
        detail_tap="last",
        structure_field=FIELD if request.param == "field" else None,
        detail_field=FieldConfig(order=2),
    )
    path = data_dir / "weights" / "air.safetensors"
    save_weights(path, seeded_network(config), PROVENANCE)
    return path


@pytest.mark.usefixtures("air", "folder")
@pytest.mark.parametrize("rule", [("--scale", "3.7"), ("--scale", "0.4"), ("--size", "31x7")])
@pytest.mark.parametrize("detail", [0.0, 1.0])
def test_a_field_upscales_a_photo(rule: tuple[str, str], detail: float, run: Run) -> None:
    options = ("--precision", "fp32", "--detail", str(detail))
    result = run("upscale", "photo.png", "-o", "out.png", *rule, "--model", "air", *options)
    assert (result.status, result.err) == (0, "")
    assert " with air" in result.out
    stored, image = read_image(Path("out.png")), read_image(Path("photo.png"))
    picture = ContinuousImage.encode(image, load_model("air", device="cpu", precision="fp32"))
    rendered = picture.render(Viewport.whole(image.size, stored.size), detail=detail)
    assert np.abs(stored.samples - rendered * 255.0).max() <= 0.5 + 1e-2


@pytest.mark.usefixtures("folder")
def test_a_field_model_is_listed(air: Path, run: Run) -> None:
    result = run("models")
    assert result.status == 0
    assert air.stem in result.out
