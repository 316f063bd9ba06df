"""The open photo, how it is looked at, and the one request that follows from it."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from PySide6.QtCore import QObject, QTimer, Signal

from app.look import MAX_DETAIL, Look
from app.state import view as views
from app.state.frames import Frames
from app.state.models import best_pair
from app.state.pace import Pace
from app.state.photo import Photo
from app.state.stand_ins import stand_ins
from app.state.view import View
from liifgan_core.geometry import Size
from liifgan_core.render.request import BICUBIC, NEAREST, FrameTile, RenderRequest, StandIn
from liifgan_core.weights.descriptor import WeightsInfo

CompareMode = Literal["single", "side", "wipe", "blink", "difference"]
COMPARE_MODES: tuple[CompareMode, ...] = get_args(CompareMode)

TILES_DELAY_MS = 100
"""How long tiles of a quick frame wait to be painted at once: painting takes as long as drawing."""
BLINK_MS = 600
"""How long each picture stays: long enough to look, short enough to see what jumps."""
PANE_GAP = 2
"""Device pixels between two panes side by side."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which pictures are shown, and how."""

    left: str
    right: str
    """The picture of the single view, too."""
    mode: CompareMode
    wipe: float
    """Where the wipe's line is, 0 (left edge) to 1."""
    is_left_up: bool
    """Which of the two the blink view shows now."""

    @property
    def sources(self) -> tuple[str, ...]:
        """What must be rendered, each once."""
        wanted = (self.right,) if self.mode == "single" else (self.left, self.right)
        return tuple(dict.fromkeys(wanted))


@dataclass(frozen=True, slots=True)
class Showing:
    """What can be seen of a source."""

    now: str | None
    """What drew it: a model, NEAREST or BICUBIC; None as long as there is only the preview."""
    then: str | None
    """The chosen model that is still to draw it, or some of it; None where nothing is to come."""
    is_refining: bool
    """Whether that is being done; else it is once the view rests."""


class DocumentModel(QObject):
    """State of the view, observable. Main thread.

    Whoever changes the state calls a method; whoever shows it listens and reads the properties.
    """

    photo_changed = Signal()
    """Another photo is open, or none."""
    view_changed = Signal()
    """Zoom, position or pane."""
    comparison_changed = Signal()
    """Sources, mode, wipe or blink."""
    look_changed = Signal()
    """Detail strength or overlay."""
    models_changed = Signal()
    """The list of installed models."""
    pixels_changed = Signal()
    """Something on the canvas is to be painted anew."""
    busy_changed = Signal(bool)
    """Whether pixels are still being made."""
    request_ready = Signal(object)
    """A RenderRequest, as often as `Pace` says."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.frames = Frames()
        self._photo: Photo | None = None
        self._canvas = Size(1, 1)
        self._view: View | None = None
        self._is_fitted = True
        self._models: tuple[WeightsInfo, ...] = ()
        self._comparison = Comparison(NEAREST, BICUBIC, "single", 0.5, is_left_up=False)
        self._look = Look()
        self._is_busy = False
        self._ids = itertools.count(1)
        self._speeds: dict[str, float] = {}
        self._uses_quick = False
        self.pace = Pace(self)
        self.pace.due.connect(self._request)
        self.pace.rested.connect(self._refine)
        self._tiles_delay = QTimer(self)
        self._tiles_delay.setSingleShot(True)
        self._tiles_delay.setInterval(TILES_DELAY_MS)
        self._tiles_delay.timeout.connect(self.pixels_changed)
        self._blinker = QTimer(self)
        self._blinker.setInterval(BLINK_MS)
        self._blinker.timeout.connect(self._blink)

    # What there is

    @property
    def photo(self) -> Photo | None:
        """The open photo."""
        return self._photo

    @property
    def view(self) -> View | None:
        """Where the view looks; None without a photo."""
        return self._view

    @property
    def zoom(self) -> float:
        """Device pixels per LR pixel; 1 without a photo."""
        return 1.0 if self._view is None else self._view.zoom

    @property
    def is_fitted(self) -> bool:
        """Whether the view shows the whole photo and follows the window's size."""
        return self._is_fitted

    @property
    def comparison(self) -> Comparison:
        """Which pictures are shown, and how."""
        return self._comparison

    @property
    def look(self) -> Look:
        """How layers become colours."""
        return self._look

    @property
    def models(self) -> tuple[WeightsInfo, ...]:
        """The installed models, the best first."""
        return self._models

    @property
    def is_busy(self) -> bool:
        """Whether pixels are still being made."""
        return self._is_busy

    @property
    def has_detail(self) -> bool:
        """Whether the detail strength changes anything that is shown."""
        with_detail = {model.name for model in self._models if model.has_detail}
        return not with_detail.isdisjoint(self._comparison.sources)

    @property
    def model(self) -> str | None:
        """The model an export takes: the right picture's, else the left's, else the best."""
        names = [model.name for model in self._models]
        shown = [self._comparison.right, self._comparison.left]
        return next((name for name in [*shown, *names] if name in names), None)

    @property
    def is_current(self) -> bool:
        """Whether the last request is for the present view, and not one that is still to come."""
        request = self.frames.request
        if request is None or self._photo is None or self._view is None:
            return False
        size = self._photo.image.size
        is_same_view = request.viewport == views.viewport(self._view, size)
        return is_same_view and request.visible == views.visible(self._view, size)

    def covers_view(self, source: str) -> bool:
        """Whether all that is visible of a source has come, at the present view."""
        request = self.frames.request
        is_asked = request is not None and source in request.sources
        return is_asked and self.frames.is_finished and self.is_current

    def shows_all_of(self, source: str) -> bool:
        """Whether every visible pixel of a source is its own, final and at the present view."""
        return self.covers_view(source) and self.frames.drawn_by(source) == source

    def showing(self, source: str) -> Showing:
        """Return what can be seen of a source, and what is to come."""
        if source in (NEAREST, BICUBIC) or self.shows_all_of(source):
            return Showing(source, None, is_refining=False)
        now, request = self.frames.drawn_by(source), self.frames.request
        found = stand_ins((source,), self._models, are_wanted=self._uses_quick)
        is_own = source in {stand_in.model for stand_in in found}
        if is_own and now == source:
            return Showing(source, None, is_refining=False)  # the next frame comes in moments
        will_refine = self.pace.is_moving and bool(found) and not is_own
        is_coming = will_refine or self._is_busy or self.pace.is_due
        is_refining = not will_refine and request is not None and request.refines
        return Showing(now, source if is_coming else None, is_refining)

    @property
    def has_difference(self) -> bool:
        """Whether what is seen of the two pictures can be subtracted.

        Not while the same quick model draws both: that would be black, and mean nothing.
        """
        pair = self.showing(self._comparison.left), self.showing(self._comparison.right)
        is_complete = all(showing.then is None for showing in pair)
        return is_complete or pair[0].now != pair[1].now

    def pixels_per_second(self, model: str) -> float | None:
        """Return the output pixels that a model has decoded per second of late; None: it has not.

        A quick model's are no measure of an export, in which encoding takes most of the time.
        """
        is_quick = any(known.draws_quickly for known in self._models if known.name == model)
        return None if is_quick else self._speeds.get(model)

    # What the user does

    def open(self, photo: Photo) -> None:
        """Show another photo, all of it."""
        self._photo = photo
        self.frames.clear()
        self.pace.stop()
        self._is_fitted = True
        self._view = views.fitted(photo.image.size, self._pane())
        self.photo_changed.emit()
        self._moved()

    def set_canvas(self, size: Size) -> None:
        """Take the canvas's size in device pixels."""
        if size == self._canvas:
            return
        self._canvas = size
        self._pane_changed()

    def fit(self) -> None:
        """Show the whole photo, and keep showing it when the window changes."""
        if self._photo is not None:
            self._is_fitted = True
            self._set_view(views.fitted(self._photo.image.size, self._pane()))

    def zoom_to(self, zoom: float, at: tuple[float, float] | None = None) -> None:
        """Zoom; the point of the photo under pane pixel `at` (y, x) stays. None: the middle."""
        if self._photo is not None and self._view is not None:
            self._is_fitted = False
            self._set_view(views.zoomed(self._view, self._photo.image.size, zoom, at))

    def pan(self, dy: float, dx: float) -> None:
        """Move the picture by device pixels."""
        if self._photo is not None and self._view is not None:
            self._set_view(views.panned(self._view, self._photo.image.size, dy, dx))

    def set_models(self, models: Sequence[WeightsInfo]) -> None:
        """Take the list of installed models; sources that are gone are replaced."""
        had_none = not self._models
        self._models = tuple(models)
        known = {NEAREST, BICUBIC, *(model.name for model in models)}
        left, right = best_pair(models)
        old = self._comparison
        if had_none:
            self._comparison = replace(old, left=left, right=right)
        else:
            kept_left = old.left if old.left in known else left
            kept_right = old.right if old.right in known else right
            self._comparison = replace(old, left=kept_left, right=kept_right)
        self.models_changed.emit()
        self._compared()

    def set_sources(self, left: str, right: str) -> None:
        """Choose the two pictures."""
        self._compare(replace(self._comparison, left=left, right=right))

    def set_mode(self, mode: CompareMode) -> None:
        """Choose how the two are compared."""
        self._compare(replace(self._comparison, mode=mode, is_left_up=False))

    def set_wipe(self, position: float) -> None:
        """Move the wipe's line; 0 is the left edge, 1 the right one."""
        self._comparison = replace(self._comparison, wipe=min(max(position, 0.0), 1.0))
        self.comparison_changed.emit()
        self.pixels_changed.emit()

    def set_detail(self, strength: float) -> None:
        """Set the detail strength; recombines layers that are apart, draws anew what is blended."""
        self._set_look(replace(self._look, detail=min(max(strength, 0.0), MAX_DETAIL)))

    def show_invented(self, shown: bool) -> None:
        """Lay the heat map of |detail| over the picture, or take it away."""
        self._set_look(replace(self._look, shows_invented=shown))

    def use_quick_models(self, are_wanted: bool) -> None:
        """Choose whether a quick model draws in the place of others while the view moves."""
        self._uses_quick = are_wanted

    def render_again(self) -> None:
        """Ask for the pixels anew, after an error or on another device."""
        self._schedule()

    # What the worker brings

    def add_tile(self, tile: FrameTile) -> None:
        """Take a tile of the current request; others are dropped."""
        if not self.frames.add(tile):
            return
        is_decoded = tile.seconds > 0 and tile.drawn_by not in (NEAREST, BICUBIC)
        if is_decoded and min(tile.viewport.scale) >= 1:
            speed = tile.tile.height * tile.tile.width / tile.seconds
            old = self._speeds.get(tile.drawn_by, speed)
            self._speeds[tile.drawn_by] = 0.8 * old + 0.2 * speed
        if self.frames.request is None or not self.frames.request.is_quick:
            self.pixels_changed.emit()
        elif not self._tiles_delay.isActive():
            self._tiles_delay.start()

    def finish_frame(self, request_id: int) -> None:
        """Take note that all tiles of a request have come, or that no more will."""
        request = self.frames.request
        if request is not None and request.id == request_id:
            self.frames.finish(request_id)
            self._tiles_delay.stop()
            self._frame_ended()

    def fail_frame(self, request_id: int) -> None:
        """Take note that a request failed; what has come stays."""
        request = self.frames.request
        if request is not None and request.id == request_id:
            self._frame_ended()

    # How it follows

    def _pane(self) -> Size:
        if self._comparison.mode != "side":
            return self._canvas
        return Size(self._canvas.height, max(1, (self._canvas.width - PANE_GAP) // 2))

    def _pane_changed(self) -> None:
        if self._photo is None or self._view is None:
            return
        photo = self._photo.image.size
        if self._is_fitted:
            self._set_view(views.fitted(photo, self._pane()))
        else:
            self._set_view(views.resized(self._view, photo, self._pane()))

    def _set_view(self, view: View) -> None:
        if view != self._view:
            self._view = view
            self.pace.move()
            self._moved()

    def _moved(self) -> None:
        self.view_changed.emit()
        self.pixels_changed.emit()
        self._schedule()

    def _compare(self, comparison: Comparison) -> None:
        if comparison == self._comparison:
            return
        had_mode = self._comparison.mode
        self._comparison = comparison
        if (had_mode == "side") != (comparison.mode == "side"):
            self._pane_changed()
        self._compared()

    def _compared(self) -> None:
        if self._comparison.mode == "blink":
            self._blinker.start()
        else:
            self._blinker.stop()
        self.comparison_changed.emit()
        self.look_changed.emit()
        self.pixels_changed.emit()
        self._schedule()

    def _blink(self) -> None:
        is_left_up = not self._comparison.is_left_up
        self._comparison = replace(self._comparison, is_left_up=is_left_up)
        self.pixels_changed.emit()

    def _set_look(self, look: Look) -> None:
        if look != self._look:
            self._look = look
            self.frames.set_look(look)
            request = self.frames.request
            if request is not None and request.blended_at is not None:
                self._schedule()  # its tiles, there or to come, cannot follow
            self.look_changed.emit()
            self.pixels_changed.emit()

    def _blended_at(self, quick: Sequence[StandIn]) -> float | None:
        """Return the strength at which quick models may blend: the slider rests while all moves."""
        layered = {model.name for model in self._models if model.has_detail}
        has_layers = any(found.shows_detail and found.model in layered for found in quick)
        is_wanted = self.pace.is_moving and has_layers and not self._look.shows_invented
        return self._look.detail if is_wanted else None

    def _set_busy(self, is_busy: bool) -> None:
        if is_busy != self._is_busy:
            self._is_busy = is_busy
            self.busy_changed.emit(is_busy)

    def _frame_ended(self) -> None:
        self._set_busy(False)
        self.pixels_changed.emit()
        self.pace.end()
        if not self.pace.is_moving:
            self._refine()

    def _schedule(self) -> None:
        if self._photo is not None:
            self.pace.ask()

    def _refine(self) -> None:
        """Have the chosen models draw what quick ones have drawn while the view moved."""
        request = self.frames.request
        if request is None or (request.refines and request.blended_at is None):
            return
        if request.is_quick and self._is_busy:
            return  # it is complete sooner than what would replace it; then this is asked again
        is_own = all(self.shows_all_of(source) for source in request.sources)
        is_blended = request.blended_at is not None and any(
            found.model == found.source for found in request.stand_ins
        )
        if is_own and not is_blended:
            self.pixels_changed.emit()  # the labels
        else:
            self._schedule()

    def _request(self) -> None:
        if self._photo is None or self._view is None:
            return
        size = self._photo.image.size
        sources = self._comparison.sources
        quick = stand_ins(sources, self._models, are_wanted=self._uses_quick)
        are_others = any(found.model != found.source for found in quick)
        request = RenderRequest(
            id=next(self._ids),
            image_key=self._photo.key,
            sources=sources,
            viewport=views.viewport(self._view, size),
            visible=views.visible(self._view, size),
            stand_ins=quick,
            refines=not (self.pace.is_moving and are_others),
            blended_at=self._blended_at(quick),
        )
        self.pace.begin(is_quick=request.is_quick)
        self.frames.begin(request)
        self._set_busy(True)
        self.request_ready.emit(request)
        if request.refines:
            self.pixels_changed.emit()  # the labels
