import pytest
from pytestqt.qtbot import QtBot

from app.widgets.size_panel import SizePanel
from liifgan_core.geometry import Size
from liifgan_core.sizing import RuleKind
from tests.app.fakes import choose_kind


@pytest.fixture
def panel(qtbot: QtBot) -> SizePanel:
    """For a photo of 80x60, which begins with 3.5 times its size."""
    panel = SizePanel(Size(60, 80), 3.5)
    qtbot.addWidget(panel)
    return panel


def size_of(panel: SizePanel) -> Size:
    return panel.rule().output_size(Size(60, 80))


@pytest.mark.parametrize(
    ("kind", "value", "size"),
    [
        ("scale", 1.5, Size(90, 120)),
        ("width", 333, Size(250, 333)),
        ("height", 90, Size(90, 120)),
        ("long-edge", 160, Size(120, 160)),
        ("short-edge", 120, Size(120, 160)),
        ("megapixels", 0.0192, Size(120, 160)),
    ],
)
def test_every_rule_gives_its_size(
    panel: SizePanel, kind: RuleKind, value: float, size: Size
) -> None:
    panel.kind.setCurrentIndex(panel.kind.findData(kind))
    panel.value.setValue(value)
    assert size_of(panel) == size


def test_an_exact_size_may_change_the_proportions(panel: SizePanel) -> None:
    panel.kind.setCurrentIndex(panel.kind.findData("exact"))
    assert (panel.width_box.value(), panel.height_box.value()) == (280, 210)
    panel.width_box.setValue(500)
    assert size_of(panel) == Size(210, 500)


def test_a_typed_factor_survives_a_look_at_other_rules(panel: SizePanel) -> None:
    panel.value.setValue(3.1416)
    for kind in ("width", "megapixels", "print", "scale"):
        choose_kind(panel, kind)
    assert panel.value.value() != 3.1416, "a print has another size"
    panel.value.setValue(3.1416)
    choose_kind(panel, "short-edge")
    choose_kind(panel, "scale")
    assert panel.value.value() == 3.1416


def test_a_box_and_paper_keep_the_proportions(panel: SizePanel) -> None:
    choose_kind(panel, "fit")
    panel.width_box.setValue(500)
    panel.height_box.setValue(180)
    assert size_of(panel) == Size(180, 240)
    choose_kind(panel, "min")
    panel.width_box.setValue(500)
    assert size_of(panel) == Size(375, 500)
    assert panel.rule().dpi is None
    choose_kind(panel, "print")
    panel.paper.setCurrentText("A5")
    panel.dpi.setValue(100)
    assert size_of(panel) == Size(583, 777)
    assert panel.rule().dpi == 100
