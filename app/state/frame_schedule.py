"""What to ask of the renderer for a document, and what has come of it.

A request follows from the document and from whether its view moves: then quick models draw alone,
and both layers as one. A resting view is refined: the chosen models draw, and layers are apart.
"""

import itertools

from PySide6.QtCore import QObject, QTimer, Signal

from app.state import view as views
from app.state.decoding_speeds import DecodingSpeeds
from app.state.document import DocumentModel
from app.state.frames import Frames
from app.state.pace import Pace
from app.state.stand_ins import slow_to_encode, stand_ins
from app.state.time_left import TimeLeft
from liifgan_core.geometry import Rect
from liifgan_core.render.drawing import APART
from liifgan_core.render.request import NEAREST, FrameTile, RenderRequest

TILES_DELAY_MS = 100
"""How long tiles of a quick frame wait to be painted at once: painting takes as long as drawing."""


class FrameSchedule(QObject):
    """Turns a document's changes into requests and collects their tiles. Main thread."""

    request_ready = Signal(object)
    """A RenderRequest, as often as `Pace` says."""
    pixels_changed = Signal()
    """Other pixels are there, or what is still to come has changed: paint anew."""
    part_changed = Signal(object)
    """The same, but only in a Rect of LR pixels of the present view."""
    progressed = Signal()
    """How far the present request is, by `time_left`."""
    busy_changed = Signal(bool)
    """Whether pixels are still being made."""

    def __init__(self, document: DocumentModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.frames = Frames()
        self._speeds = DecodingSpeeds()
        self.time_left = TimeLeft()
        """How far the present request is."""
        self._is_busy = False
        self._uses_quick = False
        self._ids = itertools.count(1)
        self.pace = Pace(self)
        self.pace.due.connect(self._request)
        self.pace.rested.connect(self._refine)
        self._tiles_delay = QTimer(self)
        self._tiles_delay.setSingleShot(True)
        self._tiles_delay.setInterval(TILES_DELAY_MS)
        self._tiles_delay.timeout.connect(self.pixels_changed)
        document.photo_changed.connect(self._begin_anew)
        document.view_changed.connect(self._move)
        document.comparison_changed.connect(self._take_comparison)
        document.peek_changed.connect(self._peek)
        document.look_changed.connect(self._take_look)
        document.mask_changed.connect(self._take_mask)

    @property
    def is_busy(self) -> bool:
        """Whether pixels are still being made."""
        return self._is_busy

    @property
    def uses_quick(self) -> bool:
        """Whether quick models draw in the place of others while the view moves."""
        return self._uses_quick

    @property
    def is_current(self) -> bool:
        """Whether the last request is for the present view, and not one that is still to come."""
        request, photo, view = self.frames.request, self.document.photo, self.document.view
        if request is None or photo is None or view is None:
            return False
        size = photo.image.size
        is_same_view = request.viewport == views.viewport(view, size)
        return is_same_view and request.visible == views.visible(view, size)

    def covers_view(self, source: str) -> bool:
        """Whether all that is visible of a source has come, at the present view."""
        request = self.frames.request
        is_asked = request is not None and source in request.sources
        return is_asked and self.frames.is_finished and self.is_current

    def shows_all_of(self, source: str) -> bool:
        """Whether every visible pixel of a source is its own, final and at the present view."""
        return self.covers_view(source) and self.frames.drawn_by(source) == source

    def pixels_per_second(self, model: str) -> float | None:
        """Return the output pixels that a model has decoded per second of late; None: it has not.

        A quick model's are no measure of an export, in which encoding takes most of the time.
        """
        known = self.document.models
        is_quick = any(choice.draws_quickly for choice in known if choice.name == model)
        return None if is_quick else self._speeds.of(model)

    # What is asked for

    def use_quick_models(self, are_wanted: bool) -> None:
        """Choose whether a quick model draws in the place of others while the view moves."""
        self._uses_quick = are_wanted

    def ask(self) -> None:
        """Ask for the pixels anew: of other pictures, after an error, or on another device."""
        if self.document.photo is not None:
            self.pace.ask()

    def _begin_anew(self) -> None:
        self.frames.clear()
        self.pace.stop()
        self.ask()

    def _move(self) -> None:
        self.pace.move()
        self.ask()

    def _take_comparison(self) -> None:
        self.frames.set_look(self.document.shown_look)
        self.ask()

    def _peek(self) -> None:
        """Have the photo itself drawn, where what is compared goes without it."""
        request = self.frames.request
        if self.document.is_peeking and (request is None or NEAREST not in request.sources):
            self.ask()

    def _take_look(self) -> None:
        self.frames.set_look(self.document.shown_look)
        request = self.frames.request
        if request is not None and self._is_blended(request):
            self.ask()  # its tiles, there or to come, cannot follow

    def _take_mask(self, changed: Rect | None) -> None:
        photo, mask = self.document.photo, self.document.mask
        if photo is None:
            return
        self.frames.set_mask(mask, photo.image.size, changed)
        request = self.frames.request
        if mask is not None and request is not None and self._is_blended(request):
            self.ask()
        if changed is None:
            self.pixels_changed.emit()
        else:
            self.part_changed.emit(changed)

    def _request(self) -> None:
        photo, view = self.document.photo, self.document.view
        if photo is None or view is None:
            return
        size, look = photo.image.size, self.document.shown_look
        chosen, shown = self.document.comparison.sources, self.document.shown.sources
        sources = tuple(dict.fromkeys((*chosen, *shown)))
        # The slider rests while all moves; the heat map and a mask need the detail layer.
        is_one_strength = self.pace.is_moving and not look.shows_invented
        is_one_strength = is_one_strength and self.document.mask is None
        quick = stand_ins(
            sources,
            self.document.models,
            are_wanted=self._uses_quick,
            strength=look.detail if is_one_strength else None,
        )
        are_others = any(found.model != found.source for found in quick)
        request = RenderRequest(
            id=next(self._ids),
            image_key=photo.key,
            sources=sources,
            viewport=views.viewport(view, size),
            visible=views.visible(view, size),
            stand_ins=quick,
            refines=not (self.pace.is_moving and are_others),
            slow_to_encode=slow_to_encode(sources, self.document.models),
        )
        self.pace.begin(is_quick=request.is_quick)
        self.frames.begin(request)
        self.time_left.begin()
        self._set_busy(True)
        self.request_ready.emit(request)
        if request.refines:
            self.pixels_changed.emit()  # the labels

    def _refine(self) -> None:
        """Have the chosen models draw what quick ones have drawn while the view moved."""
        request = self.frames.request
        if request is None or (request.refines and not self._is_blended(request)):
            return
        if request.is_quick and self._is_busy:
            return  # it is complete sooner than what would replace it; then this is asked again
        is_own = all(self.shows_all_of(source) for source in request.sources)
        is_own_blended = any(
            found.model == found.source and found.drawing != APART for found in request.stand_ins
        )
        if is_own and not is_own_blended:
            self.pixels_changed.emit()  # the labels
        else:
            self.ask()

    def _is_blended(self, request: RenderRequest) -> bool:
        """Whether quick models draw for one detail strength, which may become another."""
        layered = {model.name for model in self.document.models if model.has_detail}
        return any(
            found.drawing != APART and found.source in layered for found in request.stand_ins
        )

    # What comes back

    def add_tile(self, tile: FrameTile) -> None:
        """Take a tile of the current request; others are dropped."""
        if not self.frames.add(tile):
            return
        self._speeds.add(tile)
        if self.frames.request is None or not self.frames.request.is_quick:
            self.pixels_changed.emit()
        elif not self._tiles_delay.isActive():
            self._tiles_delay.start()

    def take_progress(self, request_id: int, fraction: float) -> None:
        """Take how much of a request is done, 0 to 1."""
        if self._is_present(request_id):
            self.time_left.take(fraction)
            self.progressed.emit()

    def finish_frame(self, request_id: int) -> None:
        """Take note that all tiles of a request have come, or that no more will."""
        if self._is_present(request_id):
            self.frames.finish(request_id)
            self._tiles_delay.stop()
            self._end_frame()

    def fail_frame(self, request_id: int) -> None:
        """Take note that a request failed; what has come stays."""
        if self._is_present(request_id):
            self._end_frame()

    def _is_present(self, request_id: int) -> bool:
        request = self.frames.request
        return request is not None and request.id == request_id

    def _end_frame(self) -> None:
        self._set_busy(False)
        self.pixels_changed.emit()
        self.pace.end()
        if not self.pace.is_moving:
            self._refine()

    def _set_busy(self, is_busy: bool) -> None:
        if is_busy != self._is_busy:
            self._is_busy = is_busy
            self.busy_changed.emit(is_busy)
