from dataclasses import replace

import pytest
from PySide6.QtCore import SignalInstance
from pytestqt.qtbot import QtBot

from app.look import Look
from app.state.choices import Choices
from app.state.comparison import CompareMode, Comparison
from app.state.document import PANE_GAP, DocumentModel
from app.state.view import MAX_ZOOM
from liifgan_core.geometry import Size
from liifgan_core.render.export_options import MAX_DETAIL
from liifgan_core.render.request import BICUBIC, NEAREST
from tests.app.fakes import model, noise_photo


@pytest.fixture
def document(qtbot: QtBot) -> DocumentModel:
    document = DocumentModel()
    document.set_canvas(Size(300, 402))
    document.set_models([model("detail-model"), model("plain")])
    document.open(noise_photo(100, 200))
    return document


def heard(document: DocumentModel) -> list[str]:
    """Return a list that takes the names of a document's signals as they come."""
    names: list[str] = []
    for name in ("photo", "view", "comparison", "wipe", "look", "models"):
        signal: SignalInstance = getattr(document, f"{name}_changed")
        signal.connect(lambda name=name: names.append(name))
    return names


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda d: d.open(noise_photo()), ["photo"]),
        (lambda d: d.zoom_to(3.0), ["view"]),
        (lambda d: d.fit(), []),
        (lambda d: d.set_canvas(Size(200, 200)), ["view"]),
        (lambda d: d.set_sources(BICUBIC, "plain"), ["comparison"]),
        (lambda d: d.swap(), ["comparison"]),
        (lambda d: d.set_mode("wipe"), ["comparison"]),
        (lambda d: d.set_mode("side"), ["view", "comparison"]),
        (lambda d: d.set_mode("single"), []),
        (lambda d: d.set_wipe(0.2), ["wipe"]),
        (lambda d: d.set_detail(0.4), ["look"]),
        (lambda d: d.set_detail(1.0), []),
        (lambda d: d.show_invented(True), ["look"]),
        (lambda d: d.set_models([]), ["models", "comparison"]),
    ],
)
def test_each_change_is_told_by_its_signal(
    document: DocumentModel, change: object, wanted: list[str]
) -> None:
    names = heard(document)
    assert callable(change)
    change(document)
    assert names == wanted


def test_a_photo_opens_fitted_and_stays_so(document: DocumentModel) -> None:
    assert document.zoom == pytest.approx(402 / 200, abs=1e-4)
    document.set_canvas(Size(300, 200))
    assert document.zoom == pytest.approx(1.0)


def test_a_zoomed_view_keeps_its_factor_when_the_window_changes(document: DocumentModel) -> None:
    document.zoom_to(5.0)
    document.set_canvas(Size(200, 200))
    assert document.zoom == 5.0


def test_a_zoom_beyond_the_bounds_is_the_bound(document: DocumentModel) -> None:
    document.zoom_to(1e9)
    assert document.zoom == MAX_ZOOM


def test_the_detail_strength_counts_only_for_models_that_have_it(document: DocumentModel) -> None:
    document.set_mode("single")
    document.set_sources("detail-model", "plain")
    assert not document.has_detail
    document.set_mode("wipe")
    assert document.has_detail


def test_the_best_model_is_shown_first_beside_the_photo_itself(document: DocumentModel) -> None:
    assert (document.comparison.left, document.comparison.right) == (NEAREST, "detail-model")
    assert document.model == "detail-model"


def test_a_model_that_is_gone_is_replaced(document: DocumentModel) -> None:
    document.set_models([model("plain")])
    assert document.comparison.right == "plain"
    document.set_models([])
    assert {document.comparison.left, document.comparison.right} <= {NEAREST, BICUBIC, "plain"}
    assert document.model is None


def test_without_a_photo_there_is_no_view() -> None:
    document = DocumentModel()
    names = heard(document)
    document.zoom_to(3.0)
    document.pan(1.0, 1.0)
    document.fit()
    document.set_canvas(Size(200, 200))
    assert names == []
    assert document.choices == Choices(Comparison(NEAREST, BICUBIC), Look(), None)


def test_what_was_chosen_for_a_photo_is_kept_and_put_back(document: DocumentModel) -> None:
    """Also into a window of another size."""
    photo = document.photo
    assert photo is not None
    document.set_sources(BICUBIC, "plain")
    document.set_mode("wipe")
    document.set_wipe(0.3)
    document.set_detail(0.4)
    document.zoom_to(5.0, at=(10.0, 20.0))
    kept = document.choices
    document.open(noise_photo())
    assert document.is_fitted
    document.set_mode("blink")
    document.set_detail(1.2)
    names = heard(document)
    document.open(photo, kept)
    assert document.choices == kept
    assert names == ["photo", "comparison", "look"]
    document.set_canvas(Size(150, 201))
    assert kept.view is not None
    assert document.view == replace(kept.view, pane=Size(150, 201))


@pytest.mark.parametrize(
    ("mode", "shown"),
    [
        ("single", Comparison("plain", NEAREST, "single")),
        ("wipe", Comparison("plain", NEAREST, "single")),
        ("blink", Comparison("plain", NEAREST, "single")),
        ("side", Comparison(NEAREST, NEAREST, "side")),
        ("difference", Comparison("plain", NEAREST, "single")),
    ],
)
def test_a_peek_shows_the_photo_itself_and_leaves_what_was_chosen(
    document: DocumentModel, mode: CompareMode, shown: Comparison
) -> None:
    document.set_sources("plain", "detail-model")
    document.set_mode(mode)
    chosen = document.choices
    document.peek(True)
    assert document.shown == shown
    assert document.choices == chosen
    document.peek(False)
    assert document.shown == chosen.comparison


def test_a_peek_ends_with_another_photo_and_needs_one() -> None:
    document = DocumentModel()
    document.peek(True)
    assert not document.is_peeking
    document.open(noise_photo())
    document.peek(True)
    document.open(noise_photo())
    assert not document.is_peeking


def test_a_difference_is_one_of_colours_not_of_heat_maps(document: DocumentModel) -> None:
    document.show_invented(True)
    assert document.shown_look.shows_invented
    document.set_mode("difference")
    assert document.look.shows_invented
    assert not document.shown_look.shows_invented


def test_choices_put_back_find_other_models_than_they_had(document: DocumentModel) -> None:
    photo = document.photo
    assert photo is not None
    kept = replace(document.choices, comparison=Comparison("gone", "detail-model", "side"))
    document.open(photo, kept)
    assert document.comparison == Comparison(NEAREST, "detail-model", "side")
    assert document.view is not None
    assert document.view.pane == Size(300, (402 - PANE_GAP) // 2)


def test_another_photo_is_compared_as_the_last_one_was(document: DocumentModel) -> None:
    document.set_mode("difference")
    document.set_detail(0.4)
    before = document.choices
    document.open(noise_photo())
    assert (document.comparison, document.look) == (before.comparison, before.look)


def test_numbers_beyond_their_bounds_are_the_bounds(document: DocumentModel) -> None:
    document.set_wipe(-3.0)
    document.set_detail(9.0)
    assert (document.comparison.wipe, document.look.detail) == (0.0, MAX_DETAIL)
