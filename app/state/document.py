"""The open photo and what the user has chosen for it, observable. What is drawn follows from it."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.look import Look
from app.state import view as views
from app.state.choices import Choices
from app.state.comparison import CompareMode, Comparison, peeking, with_installed
from app.state.models import best_pair
from app.state.photo import Photo
from app.state.view import View
from liifgan_core.geometry import Rect, Size
from liifgan_core.images.detail_mask import DetailMask
from liifgan_core.render.export_options import MAX_DETAIL
from liifgan_core.weights.descriptor import WeightsInfo

PANE_GAP = 2
"""Device pixels between two panes side by side."""


class DocumentModel(QObject):
    """A photo, the choices for it, and the models to choose from. Main thread.

    Whoever changes the state calls a method; whoever shows it listens and reads the properties.
    """

    photo_about_to_change = Signal()
    """The open photo and its choices are still there: the last moment to keep them."""
    photo_changed = Signal()
    """Another photo is open, with a view of its own."""
    view_changed = Signal()
    """Zoom, position or pane, of the same photo."""
    comparison_changed = Signal()
    """Sources or mode, or whether the sources' models are there."""
    wipe_changed = Signal()
    """The wipe's line."""
    peek_changed = Signal()
    """Whether the photo itself is shown in the place of what is compared."""
    look_changed = Signal()
    """Detail strength or overlay."""
    mask_changed = Signal(object)
    """The detail mask, in a Rect of LR pixels; None: anywhere."""
    models_changed = Signal()
    """The list of installed models."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._photo: Photo | None = None
        self._choices = Choices()
        self._models: tuple[WeightsInfo, ...] = ()
        self._is_peeking = False
        self._canvas = Size(1, 1)

    # What there is

    @property
    def photo(self) -> Photo | None:
        """The open photo."""
        return self._photo

    @property
    def choices(self) -> Choices:
        """All that was chosen for the photo; `open` puts it back."""
        return self._choices

    @property
    def comparison(self) -> Comparison:
        """Which pictures are shown, and how."""
        return self._choices.comparison

    @property
    def is_peeking(self) -> bool:
        """Whether the photo itself is shown for as long as a key or button is held."""
        return self._is_peeking

    @property
    def shown(self) -> Comparison:
        """What is painted: the comparison, or the photo itself while one peeks."""
        return peeking(self.comparison) if self._is_peeking else self.comparison

    @property
    def look(self) -> Look:
        """How layers become colours."""
        return self._choices.look

    @property
    def mask(self) -> DetailMask | None:
        """How strong the detail is at each place, times the look's; None: the same everywhere."""
        return self._choices.mask

    @property
    def shown_look(self) -> Look:
        """The look as it is painted: a difference is one of colours, never of heat maps."""
        if self.comparison.mode == "difference":
            return replace(self.look, shows_invented=False)
        return self.look

    @property
    def view(self) -> View | None:
        """Where the view looks; None without a photo."""
        return self._choices.view

    @property
    def is_fitted(self) -> bool:
        """Whether the view shows the whole photo and follows the window's size."""
        return self._choices.is_fitted

    @property
    def zoom(self) -> float:
        """Device pixels per LR pixel; 1 without a photo."""
        return 1.0 if self.view is None else self.view.zoom

    @property
    def models(self) -> tuple[WeightsInfo, ...]:
        """The installed models, the best first."""
        return self._models

    @property
    def has_detail(self) -> bool:
        """Whether the detail strength changes anything that is shown."""
        with_detail = {model.name for model in self._models if model.has_detail}
        return not with_detail.isdisjoint(self.comparison.sources)

    @property
    def model(self) -> str | None:
        """The model an export takes: the right picture's, else the left's, else the best."""
        names = [model.name for model in self._models]
        shown = [self.comparison.right, self.comparison.left]
        return next((name for name in [*shown, *names] if name in names), None)

    # What the user does

    def open(self, photo: Photo, choices: Choices | None = None) -> None:
        """Show another photo as `choices` say; None: all of it, compared as the last one was.

        Without choices an edit that lies beside the photo is taken up again.
        """
        self.photo_about_to_change.emit()
        before = self._choices
        if choices is None:
            choices = replace(before, view=None, is_fitted=True, mask=None)
            if photo.edit is not None:
                edit = photo.edit.edit
                choices = replace(
                    choices, mask=edit.mask, look=replace(before.look, detail=edit.detail)
                )
        else:
            comparison = with_installed(choices.comparison, self._models)
            choices = replace(choices, comparison=comparison)
        self.peek(False)
        self._photo, self._choices = photo, choices
        self._choices = replace(choices, view=self._view_of(photo))
        self.photo_changed.emit()
        if choices.comparison != before.comparison:
            self.comparison_changed.emit()
        if choices.look != before.look:
            self.look_changed.emit()
        if choices.mask is not before.mask:
            self.mask_changed.emit(None)

    def set_canvas(self, size: Size) -> None:
        """Take the canvas's size in device pixels."""
        if size != self._canvas:
            self._canvas = size
            self._pane_changed()

    def fit(self) -> None:
        """Show the whole photo, and keep showing it when the window changes."""
        if self._photo is not None:
            self._look_at(views.fitted(self._photo.image.size, self._pane()), is_fitted=True)

    def zoom_to(self, zoom: float, at: tuple[float, float] | None = None) -> None:
        """Zoom; the point of the photo under pane pixel `at` (y, x) stays. None: the middle."""
        if self._photo is not None and self.view is not None:
            zoomed = views.zoomed(self.view, self._photo.image.size, zoom, at)
            self._look_at(zoomed, is_fitted=False)

    def pan(self, dy: float, dx: float) -> None:
        """Move the picture by device pixels."""
        if self._photo is not None and self.view is not None:
            panned = views.panned(self.view, self._photo.image.size, dy, dx)
            self._look_at(panned, is_fitted=self.is_fitted)

    def set_models(self, models: Sequence[WeightsInfo]) -> None:
        """Take the list of installed models; sources that are gone are replaced."""
        had_none = not self._models
        self._models = tuple(models)
        if had_none:
            left, right = best_pair(models)
            comparison = replace(self.comparison, left=left, right=right)
        else:
            comparison = with_installed(self.comparison, models)
        self._choices = replace(self._choices, comparison=comparison)
        self.models_changed.emit()
        self.comparison_changed.emit()

    def set_sources(self, left: str, right: str) -> None:
        """Choose the two pictures."""
        self._compare(replace(self.comparison, left=left, right=right))

    def swap(self) -> None:
        """Let the two pictures change places."""
        self.set_sources(self.comparison.right, self.comparison.left)

    def set_mode(self, mode: CompareMode) -> None:
        """Choose how the two are compared."""
        self._compare(replace(self.comparison, mode=mode))

    def set_wipe(self, position: float) -> None:
        """Move the wipe's line; 0 is the left edge, 1 the right one."""
        moved = replace(self.comparison, wipe=min(max(position, 0.0), 1.0))
        self._choices = replace(self._choices, comparison=moved)
        self.wipe_changed.emit()

    def peek(self, shown: bool) -> None:
        """Show the photo itself in the place of what is compared, or what is compared again."""
        shown = shown and self._photo is not None
        if shown != self._is_peeking:
            self._is_peeking = shown
            self.peek_changed.emit()

    def set_detail(self, strength: float) -> None:
        """Set the detail strength."""
        self._set_look(replace(self.look, detail=min(max(strength, 0.0), MAX_DETAIL)))

    def show_invented(self, shown: bool) -> None:
        """Lay the heat map of |detail| over the picture, or take it away."""
        self._set_look(replace(self.look, shows_invented=shown))

    def show_mask(self, shown: bool) -> None:
        """Tint the picture where the detail mask is not 1, or take the tint away."""
        self._set_look(replace(self.look, shows_mask=shown))

    def set_mask(self, mask: DetailMask | None, changed: Rect | None) -> None:
        """Take another detail mask for the photo; it differs in `changed`, None: anywhere."""
        if mask is not self.mask:
            self._choices = replace(self._choices, mask=mask)
            self.mask_changed.emit(changed)

    # How it follows

    def _pane(self) -> Size:
        if self.comparison.mode != "side":
            return self._canvas
        return Size(self._canvas.height, max(1, (self._canvas.width - PANE_GAP) // 2))

    def _pane_changed(self) -> None:
        if self._photo is not None and self.view is not None:
            self._look_at(self._view_of(self._photo), is_fitted=self.is_fitted)

    def _view_of(self, photo: Photo) -> View:
        """Return the chosen view of a photo in the present pane."""
        if self.view is None or self.is_fitted:
            return views.fitted(photo.image.size, self._pane())
        return views.resized(self.view, photo.image.size, self._pane())

    def _look_at(self, view: View, *, is_fitted: bool) -> None:
        has_moved = view != self.view
        self._choices = replace(self._choices, view=view, is_fitted=is_fitted)
        if has_moved:
            self.view_changed.emit()

    def _compare(self, comparison: Comparison) -> None:
        if comparison == self.comparison:
            return
        had_mode = self.comparison.mode
        self._choices = replace(self._choices, comparison=comparison)
        if (had_mode == "side") != (comparison.mode == "side"):
            self._pane_changed()
        self.comparison_changed.emit()

    def _set_look(self, look: Look) -> None:
        if look != self.look:
            self._choices = replace(self._choices, look=look)
            self.look_changed.emit()
