from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.state.document import COMPARE_MODES, CompareMode, DocumentModel
from app.state.view import MAX_ZOOM
from liifgan_core.geometry import Size
from liifgan_core.render.request import BICUBIC, NEAREST, RenderRequest
from tests.app.fakes import model, noise_photo


@pytest.fixture
def document(qtbot: QtBot) -> Iterator[DocumentModel]:
    document = DocumentModel()
    document.set_canvas(Size(300, 402))
    document.set_models([model("detail-model"), model("plain")])
    with qtbot.waitSignal(document.request_ready):
        document.open(noise_photo(100, 200))
    yield document
    document.pace.stop()  # no timer may end with the document, in whichever thread collects it


def next_request(document: DocumentModel, qtbot: QtBot) -> RenderRequest:
    with qtbot.waitSignal(document.request_ready) as ready:
        pass
    assert ready.args is not None
    return ready.args[0]


def test_40_zooms_make_one_request(document: DocumentModel, qtbot: QtBot) -> None:
    requests: list[RenderRequest] = []
    document.request_ready.connect(requests.append)
    for step in range(40):
        document.zoom_to(1.0 + step / 10, at=(20.0, 30.0))
    request = next_request(document, qtbot)
    assert len(requests) == 1
    assert request.viewport.size == Size(490, 980)


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


@pytest.mark.parametrize("mode", COMPARE_MODES)
def test_one_request_renders_both_pictures_in_step(
    document: DocumentModel, qtbot: QtBot, mode: CompareMode
) -> None:
    document.set_sources(BICUBIC, "plain")
    document.set_mode(mode)
    document.zoom_to(4.0)
    request = next_request(document, qtbot)
    assert request.sources == (("plain",) if mode == "single" else (BICUBIC, "plain"))
    width = 200 if mode == "side" else 402
    assert (request.visible.height, request.visible.width) == (300, width)


def test_the_same_picture_twice_is_rendered_once(document: DocumentModel) -> None:
    document.set_mode("wipe")
    document.set_sources("plain", "plain")
    assert document.comparison.sources == ("plain",)


def test_blending_asks_for_nothing(document: DocumentModel, qtbot: QtBot) -> None:
    document.set_sources(BICUBIC, "detail-model")
    next_request(document, qtbot)
    with qtbot.assertNotEmitted(document.request_ready, wait=100):
        for step in range(16):
            document.set_detail(step / 10)
        document.show_invented(True)
    assert document.look.detail == 1.5


def test_the_detail_strength_counts_only_for_models_that_have_it(document: DocumentModel) -> None:
    document.set_mode("single")
    document.set_sources("detail-model", "plain")
    assert not document.has_detail
    document.set_mode("wipe")
    assert document.has_detail


def test_the_best_model_is_shown_first_beside_the_plain_one(document: DocumentModel) -> None:
    assert (document.comparison.left, document.comparison.right) == ("plain", "detail-model")
    assert document.model == "detail-model"


def test_a_model_that_is_gone_is_replaced(document: DocumentModel) -> None:
    document.set_models([model("plain")])
    assert document.comparison.right == "plain"
    document.set_models([])
    assert {document.comparison.left, document.comparison.right} <= {NEAREST, BICUBIC, "plain"}
    assert document.model is None


def test_blinking_alternates(document: DocumentModel, qtbot: QtBot) -> None:
    document.set_mode("blink")
    qtbot.waitUntil(lambda: document.comparison.is_left_up)
    qtbot.waitUntil(lambda: not document.comparison.is_left_up)
    document.set_mode("single")


def test_without_a_photo_nothing_happens(qtbot: QtBot) -> None:
    document = DocumentModel()
    with qtbot.assertNotEmitted(document.request_ready, wait=50):
        document.zoom_to(3.0)
        document.pan(1.0, 1.0)
        document.fit()
        document.render_again()
    assert document.view is None
