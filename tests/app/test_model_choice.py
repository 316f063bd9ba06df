from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from app.state.document import DocumentModel
from app.state.model_choice import ModelChoice, cards, is_ready, others
from app.state.settings_store import SettingsStore
from liifgan_core.render.request import NEAREST
from liifgan_core.weights.descriptor import WeightsInfo
from liifgan_core.weights.family import FAMILY
from tests.app.fakes import advised, model, noise_photo, with_network


def family(name: str) -> WeightsInfo:
    known = FAMILY[name]
    purpose, pace, group = known.purpose, known.pace, known.group
    return msgspec.structs.replace(model(name), purpose=purpose, pace=pace, group=group)


def names(models: list[WeightsInfo]) -> list[str]:
    return [model.name for model in models]


def test_cards_are_those_of_the_family_by_purpose_the_full_one_first() -> None:
    installed = [family(name) for name in FAMILY] + [model("mine")]
    assert names(cards(installed)) == [
        "liif",
        "liif-gan",
        "liif-gan-fast",
        "liif-gan-restore",
        "liif-gan-restore-fast",
    ]
    assert set(names(others(installed))) == {"liif-air", "liif-gan-air", "mine"} | {
        name for name, known in FAMILY.items() if known.group == "table"
    }


def test_what_is_not_installed_has_no_card() -> None:
    installed = [family("liif"), family("liif-air")]
    assert names(cards(installed)) == ["liif"]


def test_without_the_family_all_models_have_a_card() -> None:
    assert names(cards([model("gan-own"), model("own")])) == ["own", "gan-own"]
    assert others([model("own")]) == []


@pytest.fixture
def choice(document: DocumentModel, store: SettingsStore) -> ModelChoice:
    choice = ModelChoice(document, store)
    document.set_models([model("detail-a"), advised(model("detail-b"), 0.7), model("plain")])
    return choice


def test_choosing_shows_the_model_at_the_right(
    document: DocumentModel, choice: ModelChoice
) -> None:
    document.set_sources("plain", "detail-a")
    choice.choose("detail-b")
    assert (document.comparison.left, document.comparison.right) == ("plain", "detail-b")
    choice.choose("plain")
    assert (document.comparison.left, document.comparison.right) == (NEAREST, "plain")
    assert choice.model is not None
    assert choice.model.name == "plain"


def test_a_strength_that_nobody_set_follows_the_model(
    document: DocumentModel, choice: ModelChoice
) -> None:
    choice.choose("detail-a")
    assert document.look.detail == 1.0
    choice.choose("detail-b")
    assert document.look.detail == choice.usual_detail == 0.7
    document.set_detail(0.4)
    choice.choose("detail-a")
    assert (document.look.detail, choice.usual_detail) == (0.4, 1.0)
    choice.reset_detail()
    assert document.look.detail == 1.0


def test_the_makers_may_advise_by_factor_and_no_more_than_there_is(
    document: DocumentModel, choice: ModelChoice
) -> None:
    wild = advised(model("detail-wild"), 2.0)
    assert wild.header.facts is not None
    facts = msgspec.structs.replace(wild.header.facts, default_strength=((2.0, 0.5), (4.0, 2.0)))
    header = msgspec.structs.replace(wild.header, facts=facts)
    document.set_models([msgspec.structs.replace(wild, header=header)])
    choice.choose("detail-wild")
    choice.set_factor(2.0)
    assert choice.usual_detail == document.look.detail == 0.5
    choice.set_factor(4.0)
    assert choice.usual_detail == document.look.detail == 1.5


def test_model_and_strength_are_remembered(
    document: DocumentModel, choice: ModelChoice, config_dir: Path, qtbot: QtBot
) -> None:
    document.open(noise_photo())
    choice.choose("plain")
    document.set_detail(0.3)
    choice.keep()
    again = DocumentModel()
    kept = ModelChoice(again, SettingsStore(config_dir / "app.toml"))
    again.set_models([model("detail-a"), model("plain")])
    assert again.comparison.right == "plain"
    assert again.look.detail == 0.3
    kept.keep()


def test_the_default_is_not_pinned(choice: ModelChoice, store: SettingsStore) -> None:
    choice.choose("detail-b")
    choice.keep()
    assert store.settings.model == "detail-b"
    choice.choose("detail-a")
    choice.keep()
    assert store.settings.model == ""


def test_the_usual_strength_is_remembered_as_that(
    document: DocumentModel, choice: ModelChoice, store: SettingsStore
) -> None:
    choice.choose("detail-b")
    choice.keep()
    assert store.settings.detail is None
    again = DocumentModel()
    kept = ModelChoice(again, store)
    again.set_models([model("detail-a"), advised(model("detail-b"), 0.6)])
    assert (again.comparison.right, again.look.detail) == ("detail-b", 0.6)
    assert kept.usual_detail == 0.6


def test_a_model_that_is_gone_or_lacks_its_network_is_not_brought_back(
    store: SettingsStore, qtbot: QtBot
) -> None:
    store.change(model="detail-b")
    for present in ([model("plain")], [model("plain"), lacking("detail-b")]):
        document = DocumentModel()
        choice = ModelChoice(document, store)
        document.set_models(present)
        assert document.comparison.right == "plain"
        assert choice.model is not None


def lacking(name: str) -> WeightsInfo:
    found = with_network(model(name), is_installed=False)
    assert not is_ready(found)
    assert is_ready(with_network(model(name), is_installed=True))
    return found
