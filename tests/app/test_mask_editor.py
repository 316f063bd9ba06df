from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from app.state.brush import Brush, Change
from app.state.document import DocumentModel
from app.state.mask_editor import MaskEditor
from app.state.mask_history import MaskHistory, Patch
from app.state.mask_shapes import Graduated, Radial
from liifgan_core.geometry import Rect, Size, Tile
from liifgan_core.images.detail_mask import ONE, DetailMask
from tests.app.fakes import noise_photo


@pytest.fixture
def editor(document: DocumentModel) -> MaskEditor:
    """An editor of a photo of 100x200."""
    editor = MaskEditor(document)
    document.open(noise_photo(100, 200))
    return editor


def stroke(editor: MaskEditor, *places: tuple[float, float]) -> None:
    editor.begin_stroke(places[0])
    for place in places[1:]:
        editor.extend_stroke(place)
    editor.end_stroke()


def test_a_stroke_changes_the_mask_where_it_goes(editor: MaskEditor, qtbot: QtBot) -> None:
    editor.set_brush(Brush(10.0, 1.0))
    with qtbot.waitSignal(editor.edited):
        stroke(editor, (50.0, 50.0), (50.0, 150.0))
    mask = editor.document.mask
    assert mask is not None
    assert mask.size == Size(100, 200)
    assert (mask.values[50, 50:150] == 0).all()
    assert (mask.values[:40] == ONE).all()


def test_the_changed_part_of_the_photo_is_told(editor: MaskEditor, qtbot: QtBot) -> None:
    editor.set_brush(Brush(10.0, 0.5))
    with qtbot.waitSignal(editor.document.mask_changed) as changed:
        editor.begin_stroke((50.0, 100.0))
    assert changed.args is not None
    [region] = changed.args
    assert isinstance(region, Rect)
    mask = editor.document.mask
    assert mask is not None
    rows, cols = np.nonzero(mask.values != ONE)
    # A cell more on each side: what is between two cells changes, too.
    assert region.top <= rows.min() - 1
    assert region.left <= cols.min() - 1
    assert region.top + region.height >= rows.max() + 2
    assert region.height < 20
    assert region.width < 20


def test_to_and_fro_over_a_place_is_as_once(editor: MaskEditor) -> None:
    editor.set_change(Change("less", 0.3))
    stroke(editor, (50.0, 20.0), (50.0, 150.0))
    once = editor.document.mask
    editor.undo()
    stroke(editor, (50.0, 20.0), (50.0, 150.0), (50.0, 20.0), (50.0, 150.0))
    assert editor.document.mask == once


ACTIONS = st.one_of(
    st.tuples(
        st.just("stroke"),
        st.lists(st.tuples(st.floats(0, 100), st.floats(0, 200)), min_size=1, max_size=3),
        st.sampled_from(["less", "more", "value"]),
    ),
    st.tuples(st.sampled_from(["fill", "invert", "erase"])),
    st.tuples(st.just("shape"), st.floats(5, 90), st.floats(5, 190)),
)


@given(st.lists(ACTIONS, min_size=1, max_size=6))
def test_undo_and_redo_return_the_same_masks(actions: list[tuple[object, ...]]) -> None:
    document = DocumentModel()
    editor = MaskEditor(document)
    document.open(noise_photo(100, 200))
    editor.set_brush(Brush(30.0, 0.3, 0.2))
    seen = [document.mask]
    for name, *arguments in actions:
        if name == "stroke":
            places, effect = arguments
            editor.set_change(replace(editor.change, effect=effect, amount=0.6))
            stroke(editor, *places)
        elif name == "shape":
            editor.place_shape(Radial((50.0, 100.0), *arguments))
            editor.keep_shape()
        else:
            getattr(editor, str(name))()
        if document.mask != seen[-1]:
            seen.append(document.mask)
    for mask in reversed(seen[:-1]):
        assert editor.history.can_undo
        editor.undo()
        assert document.mask == mask
    assert not editor.history.can_undo
    for mask in seen[1:]:
        editor.redo()
        assert document.mask == mask
    assert not editor.history.can_redo


def test_a_mask_of_one_is_none(editor: MaskEditor) -> None:
    editor.fill()
    assert editor.document.mask == DetailMask.filled(Size(100, 200), 0.0)
    editor.invert()
    assert editor.document.mask is None
    editor.undo()
    editor.erase()
    assert editor.document.mask is None


def test_a_shape_stays_changeable_until_it_is_kept(editor: MaskEditor) -> None:
    editor.set_tool("graduated")
    shape = editor.begin_shape((0.0, 50.0), (0.0, 150.0))
    assert isinstance(shape, Graduated)
    editor.place_shape(shape)
    first = editor.document.mask
    editor.place_shape(shape.moved(1, (0.0, 190.0)))
    assert editor.document.mask != first
    editor.place_shape(shape)
    assert editor.document.mask == first
    editor.set_change(Change("more"))
    assert editor.document.mask != first
    editor.keep_shape()
    assert editor.shape is None
    editor.undo()
    assert editor.document.mask is None


def test_undo_gives_up_a_shape_that_is_being_placed(editor: MaskEditor) -> None:
    stroke(editor, (50.0, 50.0))
    painted = editor.document.mask
    editor.place_shape(Radial((50.0, 50.0), 20.0, 30.0))
    editor.undo()
    assert editor.shape is None
    assert editor.document.mask == painted
    assert editor.history.can_undo


def test_another_photo_has_no_mask_and_nothing_to_undo(editor: MaskEditor) -> None:
    stroke(editor, (50.0, 50.0))
    editor.document.open(noise_photo(30, 40))
    assert editor.document.mask is None
    assert not editor.history.can_undo
    editor.redo()
    editor.undo()
    assert editor.document.mask is None


def test_strokes_outside_of_the_photo_change_nothing(editor: MaskEditor) -> None:
    stroke(editor, (-500.0, -500.0), (-400.0, 900.0))
    assert editor.document.mask is None
    assert not editor.history.can_undo


def test_brush_settings_stay_in_their_range(editor: MaskEditor) -> None:
    for _ in range(100):
        editor.resize_brush(-1)
        editor.harden_brush(1)
    assert editor.brush == Brush(2.0, 1.0, 0.0)


def test_the_oldest_is_forgotten_when_it_gets_too_much() -> None:
    history = MaskHistory(max_bytes=100)
    values = np.zeros((1, 10), np.uint16)
    for _ in range(5):  # of 40 bytes each
        history.add(Patch(Tile(0, 0, 1, 10), values, values))
    assert history.undo() is not None
    assert history.undo() is not None
    assert history.undo() is None
