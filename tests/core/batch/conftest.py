"""A folder of small photos, and batches of them with an exporter that needs no model."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as PilImage

from liifgan_core.batch.inputs import Photo, find_photos
from liifgan_core.batch.manifest import MANIFEST_NAME
from liifgan_core.batch.names import Output
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.run import BatchRun
from liifgan_core.batch.wanted import NamedRule
from liifgan_core.sizing import relative_rule
from tests.fake_exporter import FakeExporter


class Batches:
    """Runs batches over `photos/` into `out/`."""

    def __init__(self, folder: Path) -> None:
        self.photos, self.out = folder / "photos", folder / "out"
        self.photos.mkdir()
        self.exporter = FakeExporter()

    def save(self, name: str, colour: int = 0, size: tuple[int, int] = (8, 6)) -> Path:
        path = self.photos / name
        path.parent.mkdir(parents=True, exist_ok=True)
        PilImage.new("RGB", size, (colour, colour, colour)).save(path)
        return path

    def options(self, **changes: Any) -> BatchOptions:
        output = Output(self.out, is_folder=True, format=changes.pop("format", None))
        return BatchOptions(
            rules=changes.pop("rules", (NamedRule(relative_rule("scale", 2.0)),)),
            output=output,
            **changes,
        )

    def batch(self, **changes: Any) -> BatchRun:
        found = find_photos([self.photos]).photos
        manifest = self.out / MANIFEST_NAME
        return BatchRun(self.options(**changes), self.exporter, found, manifest=manifest)

    def run(self, **changes: Any) -> dict[str, str]:
        """Return the status of each photo by its name."""
        with self.batch(**changes) as batch:
            settled = {photo: batch.settled(photo) for photo in batch.photos}
            return {
                photo.path.name: (outcome or batch.upscale(photo)).status
                for photo, outcome in settled.items()
            }

    def lines(self) -> list[dict[str, Any]]:
        text = (self.out / MANIFEST_NAME).read_text()
        return [json.loads(line) for line in text.splitlines()]

    def results(self) -> dict[str, str]:
        """Return the text of each result by its name."""
        files = (path for path in self.out.rglob("*") if path.is_file())
        return {
            str(path.relative_to(self.out)): path.read_text()
            for path in files
            if not path.name.startswith(MANIFEST_NAME)
        }


@pytest.fixture
def batches(tmp_path: Path) -> Batches:
    return Batches(tmp_path)


@pytest.fixture
def as_photo() -> Callable[[Path], Photo]:
    return lambda path: Photo(path, path.parent)
