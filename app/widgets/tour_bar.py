"""A short tour of the app on the sample photos."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.design.parts import set_part
from app.design.tokens import M, S
from app.state.comparison import CompareMode
from app.state.document import DocumentModel
from app.state.opener import Opener
from app.widgets.buttons import button_row, text_button
from liifgan_core.render.request import BICUBIC, NEAREST
from liifgan_core.resources import resource_path


@dataclass(frozen=True, slots=True)
class TourStep:
    """What a step shows, and what it says."""

    text: str
    sample: str
    mode: CompareMode = "single"
    left: str = BICUBIC
    zoom: float | None = None
    """None: the whole photo."""
    centre: tuple[float, float] = (0.5, 0.5)
    """Part of the photo's height and width."""
    shows_invented: bool = False


class TourBar(QFrame):
    """Leads through the steps. Main thread."""

    ended = Signal()

    def __init__(
        self, document: DocumentModel, opener: Opener, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._opener = document, opener
        self._steps: list[TourStep] = []
        self._number = 0
        self._is_waiting = False
        set_part(self, "message")
        self.setAutoFillBackground(True)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.count = QLabel()
        self.back = text_button(self.tr("Back"), lambda: self.go(self._number - 1))
        self.next = text_button(self.tr("Next"), lambda: self.go(self._number + 1))
        self.stop = text_button(self.tr("End the tour"), self.end)
        column = QVBoxLayout()
        column.addLayout(button_row(self.back, self.next, self.stop))
        column.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(M, S, M, S)
        layout.setSpacing(M)
        layout.addWidget(self.count, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.text, 1)
        layout.addLayout(column)
        document.photo_changed.connect(self._photo_changed)
        self.hide()

    def begin(self) -> None:
        """Start at the first step."""
        self._steps = self._all_steps()
        self.show()
        self.go(0)

    def go(self, number: int) -> None:
        """Show a step; beyond the last one the tour ends."""
        if not 0 <= number < len(self._steps):
            self.end()
            return
        self._number = number
        step = self._steps[number]
        self.text.setText(step.text)
        self.count.setText(f"{number + 1}/{len(self._steps)}")
        self.back.setEnabled(number > 0)
        self.next.setText(self.tr("Next") if number + 1 < len(self._steps) else self.tr("Done"))
        path = resource_path("samples", step.sample).absolute()
        photo = self._document.photo
        if photo is not None and photo.path == path:
            self._apply(step)
        else:
            self._is_waiting = True
            self._opener.open_paths([path])

    def end(self) -> None:
        """Leave everything as it is."""
        self._is_waiting = False
        self.hide()
        self.ended.emit()

    def _photo_changed(self) -> None:
        if self._is_waiting:
            self._is_waiting = False
            self._apply(self._steps[self._number])

    def _apply(self, step: TourStep) -> None:
        document = self._document
        best = document.models[0].name if document.models else BICUBIC
        document.set_sources(step.left, best)
        document.set_mode(step.mode)
        document.show_invented(step.shows_invented)
        document.fit()
        if step.zoom is None or document.photo is None or document.view is None:
            return
        document.zoom_to(step.zoom)
        size, view = document.photo.image.size, document.view
        dy = (view.centre_y - step.centre[0] * size.height) * view.zoom
        dx = (view.centre_x - step.centre[1] * size.width) * view.zoom
        document.pan(dy, dx)

    def _all_steps(self) -> list[TourStep]:
        eye = (0.18, 0.44)
        steps = [
            TourStep(
                self.tr(
                    "This photo has 320 \u00d7 240 pixels. Turn the mouse wheel over it: there is "
                    "no fixed factor, any zoom from \u00d7 0.02 to \u00d7 32 is rendered anew."
                ),
                "osprey.png",
            ),
            TourStep(
                self.tr(
                    "The same photo at \u00d7 6.5. Only what you see is rendered, the middle "
                    "first. Drag to move; 0 shows the whole photo again."
                ),
                "osprey.png",
                zoom=6.5,
                centre=eye,
            ),
            TourStep(
                self.tr(
                    "Wipe: left of the line the photo's own pixels, right of it the model. Drag "
                    "the line. The keys 1 to 5 choose how to compare."
                ),
                "osprey.png",
                mode="wipe",
                left=NEAREST,
                zoom=6.5,
                centre=eye,
            ),
            TourStep(
                self.tr(
                    "Side by side, always in step: bicubic on the left, the model on the right. "
                    "The lists above choose any two."
                ),
                "circuits.png",
                mode="side",
                zoom=5.0,
            ),
        ]
        if any(model.has_detail for model in self._document.models[:1]):
            steps.append(
                TourStep(
                    self.tr(
                        "The Detail slider blends from faithful structure (0) to the model's "
                        "result (1) at once. The colours show how much was invented, and where."
                    ),
                    "spices.png",
                    zoom=4.0,
                    shows_invented=True,
                )
            )
        steps.append(
            TourStep(
                self.tr(
                    "Export writes exactly what you saw, at any factor, size or paper. The "
                    "queue under Tools does the same for whole folders."
                ),
                "spices.png",
            )
        )
        return steps
