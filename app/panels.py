"""The window's panels: the one at the right of the photo, and docks for the export queue and the
trainer, which begin hidden."""

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from app.state.crop_samples import CropSamples
from app.state.document import DocumentModel
from app.state.export_options import ExportOptionsModel
from app.state.export_queue import ExportQueue
from app.state.frame_schedule import FrameSchedule
from app.state.mask_editor import MaskEditor
from app.state.model_choice import ModelChoice
from app.state.network_fetcher import NetworkFetcher
from app.state.photo_advice import PhotoAdvice
from app.state.services import Services
from app.state.settings_store import SettingsStore
from app.state.sidecar_keeper import SidecarKeeper
from app.state.size_choice import SizeChoice
from app.state.training_run import TrainingRun
from app.widgets.batch_panel import BatchPanel
from app.widgets.mask_panel import MaskPanel
from app.widgets.model_section import ModelSection
from app.widgets.side_panel import SidePanel
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
    queue: ExportQueue,
    training: TrainingRun,
    editor: MaskEditor,
    keeper: SidecarKeeper,
) -> Panels:
    """Put the panels into the window: the brush's left, the others behind each other right."""
    batch_panel = BatchPanel(queue, document, store)
    trainer_panel = TrainerPanel(
        training,
        document,
        store,
        recipes=services.recipes,
        render_picture=services.render_picture,
    )
    batch_title = QCoreApplication.translate("panels", "Export &queue")
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


@dataclass(frozen=True, slots=True)
class Side:
    """The panel at the right, and the state that it shows and sets."""

    panel: SidePanel
    choice: ModelChoice
    size_choice: SizeChoice
    options: ExportOptionsModel
    fetcher: NetworkFetcher
    samples: CropSamples

    def shut_down(self) -> None:
        """Keep what was chosen and stop what runs, because the app ends."""
        self.choice.keep()
        self.samples.shut_down()
        self.fetcher.shut_down()


def build_side(
    window: QMainWindow, schedule: FrameSchedule, store: SettingsStore, services: Services
) -> Side:
    """Return the panel for a schedule's document; `Beside` puts it into the window."""
    document = schedule.document
    choice = ModelChoice(document, store, window)
    size_choice, options = SizeChoice(store, window), ExportOptionsModel(store, window)
    fetcher = NetworkFetcher(parent=window)
    samples = CropSamples(schedule, services.render_picture, window)
    models = ModelSection(document, choice, samples, fetcher, PhotoAdvice(document, window))
    panel = SidePanel(document, models, choice, size_choice, options, schedule.pixels_per_second)
    schedule.busy_changed.connect(panel.show_result)  # by now more is known of its pace
    return Side(panel, choice, size_choice, options, fetcher, samples)


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
