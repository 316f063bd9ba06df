"""The window's panels: docks for the batch queue and the trainer, which begin hidden."""

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from app.state.batch import BatchModel
from app.state.document import DocumentModel
from app.state.mask_editor import MaskEditor
from app.state.services import Services
from app.state.settings_store import SettingsStore
from app.state.sidecar_keeper import SidecarKeeper
from app.state.training_run import TrainingRun
from app.widgets.batch_panel import BatchPanel
from app.widgets.mask_panel import MaskPanel
from app.widgets.trainer_panel import TrainerPanel


@dataclass(frozen=True, slots=True)
class Panels:
    """What the window needs to find again."""

    batch_dock: QDockWidget
    batch: BatchPanel
    trainer_dock: QDockWidget
    mask_dock: QDockWidget
    """Of the detail brush; while it is seen, the mouse paints."""
    mask: MaskPanel


def build_panels(
    window: QMainWindow,
    document: DocumentModel,
    store: SettingsStore,
    services: Services,
    *,
    batch: BatchModel,
    training: TrainingRun,
    editor: MaskEditor,
    keeper: SidecarKeeper,
) -> Panels:
    """Put the panels into the window: the brush's left, the others behind each other right."""
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
    mask_panel = MaskPanel(editor, keeper)
    mask_title = QCoreApplication.translate("panels", "&Detail brush")
    panels = Panels(
        batch_dock=_dock(window, "batch", batch_title, batch_panel),
        batch=batch_panel,
        trainer_dock=_dock(window, "trainer", trainer_title, trainer_panel),
        mask_dock=_dock(window, "mask", mask_title, mask_panel),
        mask=mask_panel,
    )
    window.tabifyDockWidget(panels.batch_dock, panels.trainer_dock)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, panels.mask_dock)
    panels.mask_dock.hide()
    panels.mask_dock.visibilityChanged.connect(editor.set_active)
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
