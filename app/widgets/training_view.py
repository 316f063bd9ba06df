"""How a training run is going: two curves, and validation crops beside the best model's."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLocale, QSignalBlocker
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.design.fields import ChoiceBox
from app.design.parts import quiet_label
from app.qimage import qimage_from_rgb
from app.state.document import DocumentModel
from app.state.training_log import Curve, ValidationCrop, crop_files, read_crop
from app.state.training_run import TrainingRun
from app.widgets.crop_strip import CropStrip
from app.widgets.curve_plot import CurvePlot
from app.widgets.source_names import source_name
from app.widgets.training_words import curve_name
from app.workers.task import Task
from liifgan_core.geometry import Size

Picture = NDArray[np.uint8]
RenderPicture = Callable[[Picture, Size, str], Picture]

_LOSS, _MEASURE = "structure_l1", "val/x4/psnr"
"""Curves that are shown first."""


class TrainingView(QWidget):
    """Shows a run's log. Main thread."""

    def __init__(
        self,
        run: TrainingRun,
        document: DocumentModel,
        render_picture: RenderPicture,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._run, self._document, self._render = run, document, render_picture
        self.loss, self.measure = ChoiceBox(), ChoiceBox()
        self.loss.setAccessibleName(self.tr("Loss that is shown"))
        self.measure.setAccessibleName(self.tr("Measure that is shown"))
        self.loss_plot, self.measure_plot = CurvePlot(), CurvePlot()
        self.crops, self.strip = ChoiceBox(), CropStrip()
        self.crops.setAccessibleName(self.tr("Validation crop"))
        self.caption = quiet_label()
        self._crop: ValidationCrop | None = None
        self._best: dict[tuple[str, bytes], Picture] = {}
        """What the best model makes of a crop, by its name and the LR pixels."""
        self._task: Task | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (
            *(self.loss, self.loss_plot, self.measure, self.measure_plot),
            *(self.crops, self.strip, self.caption),
        ):
            layout.addWidget(widget)
        for box in (self.loss, self.measure):
            box.currentIndexChanged.connect(lambda _: self._show_curves())
        self.crops.currentIndexChanged.connect(lambda _: self._show_crop())
        run.progressed.connect(self.show_log)
        run.state_changed.connect(self.show_log)
        document.models_changed.connect(self._show_crop)
        self.show_log()

    def show_log(self) -> None:
        """Show what the run has reported."""
        curves = {} if self._run.log is None else self._run.log.curves
        _list(
            self.loss, [name for name in curves if not name.startswith("val/")], _LOSS, curve_name
        )
        _list(
            self.measure, [name for name in curves if name.startswith("val/")], _MEASURE, curve_name
        )
        for box, plot in ((self.loss, self.loss_plot), (self.measure, self.measure_plot)):
            box.setVisible(box.count() > 0)
            plot.setVisible(box.count() > 0)
        self._show_curves()
        step, files = (0, ()) if self._run.plan is None else crop_files(self._run.plan.folder)
        _list(self.crops, [path.stem for path in files], "", lambda name: name)
        has_crops = bool(files)
        for widget in (self.crops, self.strip, self.caption):
            widget.setVisible(has_crops)
        shown = None if self._crop is None else (self._crop.step, self._crop.name)
        if has_crops and shown != (step, self.crops.currentText()):
            self._show_crop()

    def _show_curves(self) -> None:
        curves: Mapping[str, Curve] = {} if self._run.log is None else self._run.log.curves
        for box, plot in ((self.loss, self.loss_plot), (self.measure, self.measure_plot)):
            name = box.currentData() or ""
            box.setToolTip(name)
            plot.show_curve(curve_name(name), curves.get(name, []))

    def _show_crop(self) -> None:
        if self._run.plan is None:
            self._crop = None
            return
        step, files = crop_files(self._run.plan.folder)
        chosen = next((path for path in files if path.stem == self.crops.currentText()), None)
        crop = None if chosen is None else read_crop(chosen, step)
        if crop is None:
            return
        self._crop = crop
        best = self._document.models[0].name if self._document.models else None
        pictures = [(self.tr("Input"), crop.lr), (self.tr("This run"), crop.result)]
        if (crop.structure != crop.result).any():
            pictures.insert(1, (self.tr("Structure"), crop.structure))
        shown = [(name, qimage_from_rgb(picture)) for name, picture in pictures]
        if best is not None:
            known = self._best.get((best, crop.lr.tobytes()))
            shown.append((source_name(best), QImage() if known is None else qimage_from_rgb(known)))
            if known is None:
                self._make_best(best, crop)
        shown.append((self.tr("Original"), qimage_from_rgb(crop.original)))
        self.strip.show_pictures(tuple(shown))
        self.caption.setText(self.tr("After {0} steps").format(QLocale().toString(step)))

    def _make_best(self, model: str, crop: ValidationCrop) -> None:
        if self._task is not None:
            return  # it shows the newest crop when it has ended
        size = Size(*crop.original.shape[:2])
        render, lr = self._render, crop.lr_pixels
        task = self._task = Task(lambda _progress, _cancel: render(lr, size, model), self)
        task.succeeded.connect(lambda made: self._best.update({(model, crop.lr.tobytes()): made}))
        task.failed.connect(self.caption.setText)
        task.succeeded.connect(lambda _: self._end_task())
        task.finished.connect(task.deleteLater)
        task.start()

    def _end_task(self) -> None:
        self._task = None
        self._show_crop()


def _list(box: ChoiceBox, names: list[str], first: str, words: Callable[[str], str]) -> None:
    """Fill a box with what names mean, keeping the choice."""
    if [box.itemData(row) for row in range(box.count())] == names:
        return
    chosen = box.currentData() or first
    with QSignalBlocker(box):
        box.clear()
        for name in names:
            box.addItem(words(name), name)
        box.setCurrentIndex(max(0, box.findData(chosen)) if names else -1)
