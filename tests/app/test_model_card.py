from app.state.model_files import read_card
from app.widgets.model_card import card_text
from liifgan_core.resources import resource_path
from tests.app.fakes import model


def test_a_model_that_was_not_trained_here_has_a_card_all_the_same() -> None:
    text = card_text(model("liif"), read_card(resource_path("weights", "liif.safetensors")))
    assert "<b>Name</b><br>liif" in text
    assert "Known weaknesses" in text
    for unknown in ("Recipe", "Trained on", "Validation"):
        assert unknown not in text
