import os
from pathlib import Path

import pytest

from liifgan_core.batch.exporter import Exporter
from liifgan_core.errors import WeightsError
from liifgan_core.models.liif import LIIF
from liifgan_core.serve.models import ModelShelf, check_model
from liifgan_core.serve.refusal import Refusal
from liifgan_core.weights.store import save_weights
from tests.conftest import PROVENANCE
from tests.fake_exporter import FakeExporter


class Opened:
    """Opens exporters that are called like the models, and remembers which."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, str, str]] = []

    def __call__(self, model: str | None, device: str, precision: str) -> Exporter:
        self.asked.append((model, device, precision))
        exporter = FakeExporter()
        exporter.name = model or "a"
        return exporter


@pytest.fixture
def opened(data_dir: Path, tiny_network: LIIF) -> Opened:
    """Three models are installed."""
    for name in "abc":
        save_weights(data_dir / "weights" / f"{name}.safetensors", tiny_network, PROVENANCE)
    return Opened()


def test_a_model_is_loaded_once_and_the_default_is_the_same_as_by_its_name(opened: Opened) -> None:
    shelf = ModelShelf(opened, device="cpu", num_models=2)
    first = shelf.get(None, "auto")
    assert shelf.get(None, "auto") is first
    assert shelf.get("a", "auto") is first
    assert opened.asked == [(None, "cpu", "auto")]
    assert shelf.get("a", "fp32") is not first


def test_no_more_models_than_allowed_stay_and_the_one_used_last_does(opened: Opened) -> None:
    shelf = ModelShelf(opened, device="cpu", num_models=2)
    for name in ("a", "b", "a", "c"):
        shelf.get(name, "auto")
    assert shelf.names == ["a", "c"]
    shelf.get("b", "auto")
    assert shelf.names == ["c", "b"]
    assert [model for model, _, _ in opened.asked] == ["a", "b", "c", "b"]


def test_a_file_that_has_changed_is_loaded_anew(opened: Opened, data_dir: Path) -> None:
    shelf = ModelShelf(opened, device="cpu", num_models=2)
    first = shelf.get("a", "auto")
    path = data_dir / "weights" / "a.safetensors"
    os.utime(path, ns=(1, 1))
    assert shelf.get("a", "auto") is not first
    assert shelf.names == ["a"]
    path.unlink()
    with pytest.raises(WeightsError, match="no model 'a'"):
        shelf.get("a", "auto")


def test_only_installed_models_are_for_clients(opened: Opened, data_dir: Path) -> None:
    check_model(None)
    check_model("b")
    for name in ("d", str(data_dir / "weights" / "a.safetensors"), "../weights/a"):
        with pytest.raises(Refusal, match="installed: a, b, c") as caught:
            check_model(name)
        assert caught.value.code == "unknown_model"
