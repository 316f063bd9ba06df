from pathlib import Path

import pytest

from liifgan_core.batch.exporter import Exporter
from liifgan_core.render.devices import PRECISION_VARIABLE
from liifgan_core.render.exporter import ModelExporter, open_exporter


@pytest.mark.parametrize(
    ("asked", "rule", "number_format"),
    [
        ("auto", "fp32", "fp32"),
        ("auto", "bf16", "bf16 up to 8 bits"),
        ("bf16", "fp32", "bf16"),
        ("fp32", "bf16", "fp32"),
    ],
)
def test_the_number_format_says_what_decides_the_bytes(
    asked: str,
    rule: str,
    number_format: str,
    tiny_weights: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(PRECISION_VARIABLE, rule)
    exporter: Exporter = open_exporter("tiny", device="cpu", precision=asked)
    assert exporter.number_format == number_format
    assert (exporter.name, exporter.device, exporter.has_detail) == ("tiny", "cpu", False)


def test_a_worker_takes_the_precision_of_its_driver_and_draws_deep_results_alike(
    tiny_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PRECISION_VARIABLE, "fp32")
    worker: ModelExporter = open_exporter(
        str(tiny_weights), device="cpu", precision="auto", resolved="bf16"
    )
    assert worker.number_format == "bf16 up to 8 bits"
    assert worker.model.for_depth(8).precision == "bf16"
    assert worker.model.for_depth(16).precision == "fp32"
