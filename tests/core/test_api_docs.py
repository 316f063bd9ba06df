"""The examples of docs/api.md do what they say."""

import re
import shutil
from pathlib import Path

import pytest
from PIL import Image as PilImage

from liifgan_core.images.read import read_image
from liifgan_core.resources import resource_path

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.M | re.S)


def test_the_examples_run_one_after_the_other(
    tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with PilImage.open(resource_path("samples", "osprey.png")) as sample:
        sample.convert("RGB").resize((48, 36)).save("photo.png")
    (data_dir / "weights").mkdir(parents=True)
    model = "liif-gan-air.safetensors"
    shutil.copy(resource_path("weights", model), data_dir / "weights" / model)
    assert len(BLOCKS) == 8
    names: dict[str, object] = {}
    for number, block in enumerate(BLOCKS, start=1):
        exec(compile(block, f"example {number}", "exec"), names)
    assert read_image(tmp_path / "web.jpg").size.width == 80
    results = {path.name for path in (tmp_path / "results").iterdir()}
    assert results == {"photo_96x72.png", "photo_24x18.png", "record.jsonl"}
