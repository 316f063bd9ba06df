"""What is known of a model, as text for people."""

from html import escape
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale

from app.widgets.factor_box import PREFIX
from app.widgets.quantities import short_number
from app.widgets.source_names import model_description
from liifgan_core.weights.descriptor import ExternalTrunk, WeightsInfo

translate = QCoreApplication.translate


def card_text(model: WeightsInfo, card: dict[str, Any]) -> str:
    """Return, as rich text, a model's facts, then those of its card (`read_card`; may be empty)."""
    low, high = model.provenance.trained_scales
    layers = (
        translate("model card", "structure and detail")
        if model.has_detail
        else translate("model card", "structure only")
    )
    facts = [
        (translate("model card", "Name"), model.name),
        (translate("model card", "What it does"), model_description(model)),
        (translate("model card", "Licence"), model.provenance.licence),
        (translate("model card", "Origin"), model.provenance.origin),
        (
            translate("model card", "Trained for"),
            f"{PREFIX}{short_number(low)} \u2013 {PREFIX}{short_number(high)}",
        ),
        (translate("model card", "Layers"), layers),
        *([(translate("model card", "Reads"), _trunk_text(model.trunk))] if model.trunk else []),
        *([(translate("model card", "Speed"), _quick_text())] if model.draws_quickly else []),
        *_of_card(card),
        (translate("model card", "File"), str(model.path).replace("/", "/\u200b")),
        ("SHA-256", "\u200b".join(_pieces(model.sha256))),
    ]
    return "".join(f"<p><b>{escape(name)}</b><br>{_lines(value)}</p>" for name, value in facts)


def _trunk_text(trunk: ExternalTrunk) -> str:
    if trunk.name is None:
        return translate("model card", "a network that this version does not know")
    text = (
        translate("model card", "{0} ({1} MB), installed; {2}")
        if trunk.is_installed
        else translate("model card", "{0} ({1} MB), not installed; {2}")
    )
    megabytes = QLocale().toString(trunk.size_bytes / 1e6, "f", 1)
    return text.format(trunk.name, megabytes, trunk.licence)


def _quick_text() -> str:
    return translate(
        "model card",
        "fast: draws a whole view in moments, without a GPU too; stands in for slower models "
        "while the view moves",
    )


def _of_card(card: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what a trainer's card adds. Cards may come from anywhere: odd parts are left out."""
    facts: list[tuple[str, str]] = []
    recipe = card.get("recipe")
    if isinstance(recipe, dict) and "steps" in card:
        text = translate("model card", "{0}, {1} steps in {2} hours")
        parts = (recipe.get("name"), card["steps"], card.get("hours"))
        facts.append((translate("model card", "Recipe"), text.format(*parts)))
    data = card.get("data")
    if isinstance(data, dict) and isinstance(data.get("num_images"), int):
        text = translate("model card", "{0} photos").format(data["num_images"])
        licences = data.get("licences")
        if isinstance(licences, dict) and licences:
            text = f"{text} ({', '.join(map(str, licences))})"
        facts.append((translate("model card", "Trained on"), text))
    metrics = card.get("metrics")
    if isinstance(metrics, dict):
        lines = [
            f"{name.removeprefix('val/')}: {QLocale().toString(float(value), 'g', 5)}"
            for name, value in metrics.items()
            if isinstance(name, str) and isinstance(value, int | float)
        ]
        if lines:
            facts.append((translate("model card", "Validation"), "\n".join(lines)))
    weaknesses = card.get("weaknesses")
    if isinstance(weaknesses, list) and weaknesses:
        facts.append((translate("model card", "Known weaknesses"), "\n".join(map(str, weaknesses))))
    for key, name in (
        ("perceptual_network", translate("model card", "Perceptual network")),
        ("date", translate("model card", "Date")),
        ("software", translate("model card", "Software")),
    ):
        if isinstance(card.get(key), str):
            facts.append((name, card[key]))
    return facts


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _pieces(text: str) -> list[str]:
    """Return a long word in pieces, between which a line may be broken."""
    return [text[start : start + 16] for start in range(0, len(text), 16)]
