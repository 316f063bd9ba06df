"""The window's panels: docks for the batch queue and the trainer, which begin hidden."""

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from app.state.batch import BatchModel
from app.state.document import DocumentModel
from app.state.services import Services
from app.state.settings_store import SettingsStore
from app.state.training_run import TrainingRun
from app.widgets.batch_panel import BatchPanel
from app.widgets.trainer_panel import TrainerPanel


@dataclass(frozen=True, slots=True)
class Panels:
    """What the window needs to find again."""

    batch_dock: QDockWidget
    batch: BatchPanel
    trainer_dock: QDockWidget


def build_panels(
    window: QMainWindow,
    document: DocumentModel,
    store: SettingsStore,
    services: Services,
    *,
    batch: BatchModel,
    training: TrainingRun,
) -> Panels:
    """Put the panels into the window, one behind the other at its right side."""
    batch_panel = BatchPanel(batch, document, store)
    trainer_panel = TrainerPanel(
        training,
        document,
        store,
        recipes=services.recipes,
        render_picture=services.render_picture,
    )
    batch_title = QCoreApplication.translate("panels", "&Batch queue")
    trainer_title = QCoreApplication.translate("panels", "&Train a model")
    panels = Panels(
        batch_dock=_dock(window, "batch", batch_title, batch_panel),
        batch=batch_panel,
        trainer_dock=_dock(window, "trainer", trainer_title, trainer_panel),
    )
    window.tabifyDockWidget(panels.batch_dock, panels.trainer_dock)
    panels.trainer_dock.visibilityChanged.connect(partial(_load_when_visible, trainer_panel))
    return panels


def _load_when_visible(panel: TrainerPanel, is_visible: bool) -> None:
    if is_visible:
        panel.load()


def _dock(window: QMainWindow, name: str, title: str, panel: QWidget) -> QDockWidget:
    dock = QDockWidget(title.replace("&", ""), window)
    dock.setObjectName(name)  # under which Qt remembers its place
    dock.setWidget(panel)
    show = dock.toggleViewAction()
    show.setText(title)
    # A dock that is shown behind another one, as a tab, comes to the front.
    show.triggered.connect(lambda is_shown: dock.raise_() if is_shown else None)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    dock.hide()
    return dock
