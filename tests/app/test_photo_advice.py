from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from pytestqt.qtbot import QtBot

from app.state.document import DocumentModel
from app.state.photo import read_photo
from app.state.photo_advice import PhotoAdvice
from app.widgets.model_section import advice_text
from liifgan_core.photo_quality import PhotoQuality
from tests.app.fakes import model, noise_photo, with_network

CLEAN = PhotoQuality(jpeg_quality=95, block_edges=0.1, noise=0.5)
COMPRESSED = PhotoQuality(jpeg_quality=40, block_edges=1.5, noise=0.5)
NOISY = PhotoQuality(jpeg_quality=None, block_edges=0.1, noise=9.0)
BOTH = PhotoQuality(jpeg_quality=40, block_edges=0.1, noise=9.0)
CLEANING, FAITHFUL = model("detail-clean"), model("plain")


def test_the_open_photo_is_judged_and_nothing_is_chosen(
    document: DocumentModel, tmp_path: Path, qtbot: QtBot
) -> None:
    advice = PhotoAdvice(document)
    before = document.choices.comparison
    path = tmp_path / "a.jpg"
    rows = np.linspace(20, 230, 200, dtype=np.uint8)
    PillowImage.fromarray(np.tile(rows, (150, 1))).convert("RGB").save(path, quality=30)
    with qtbot.waitSignals([advice.changed, advice.changed]):
        document.open(read_photo(path))
    assert advice.quality is not None
    assert advice.quality.jpeg_quality == 30
    assert document.choices.comparison == before
    document.open(noise_photo())
    assert advice.quality is None, "what was found of another photo is gone at once"
    qtbot.waitUntil(lambda: advice.quality is not None and advice.quality.flaws == ("noisy",))


def test_a_clean_photo_needs_no_advice() -> None:
    assert advice_text(CLEAN, (CLEANING, FAITHFUL)) == ""


@pytest.mark.parametrize(
    ("quality", "looks"),
    [(COMPRESSED, "compressed"), (NOISY, "noisy"), (BOTH, "compressed and noisy")],
)
def test_a_spoilt_photo_is_sent_to_the_model_that_cleans(quality: PhotoQuality, looks: str) -> None:
    text = advice_text(quality, (FAITHFUL, CLEANING))
    assert f"looks {looks}" in text
    assert "detail-clean" in text


def test_without_one_it_is_sent_to_the_model_that_invents_nothing() -> None:
    lacking = with_network(CLEANING, is_installed=False)
    text = advice_text(NOISY, (lacking, FAITHFUL))
    assert "plain" in text
    assert "clean" not in text
    assert advice_text(NOISY, ()) == "This photo looks noisy."
