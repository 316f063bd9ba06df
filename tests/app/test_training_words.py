import pytest

from app.widgets.training_words import curve_name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("structure_l1", "Loss: colours of the structure"),
        ("val/x4/psnr", "Nearness to the originals at ×4, in dB"),
        ("val/x12/lpips", "Visible difference at ×12"),
        ("val/x4/new", "val/x4/new"),
        ("new_term", "new_term"),
    ],
)
def test_curves_have_words(name: str, words: str) -> None:
    assert curve_name(name) == words
