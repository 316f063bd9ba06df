"""The window: puts the parts together and connects them. Nothing is decided here but the layout.

Long because all parts meet here, once.
"""

from pathlib import Path

from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.actions import Commands, build_actions, fill_recent
from app.design.parts import tool_button
from app.design.tokens import M, S
from app.mask_actions import add_mask_menu
from app.panels import build_panels, build_side
from app.state.copying import view_picture
from app.state.document import DocumentModel
from app.state.export_job import ExportChoice
from app.state.export_queue import ExportQueue
from app.state.frame_schedule import FrameSchedule
from app.state.mask_editor import MaskEditor
from app.state.models import find_models
from app.state.opener import READABLE_SUFFIXES, Opener
from app.state.queue_file import QueueFile
from app.state.quick_choice import QuickChoice
from app.state.services import Services
from app.state.settings_store import SettingsStore
from app.state.showing import showing
from app.state.sidecar_keeper import SidecarKeeper
from app.state.training_run import TrainingRun
from app.widgets.about_dialog import AboutDialog
from app.widgets.beside import Beside
from app.widgets.closing import Closer
from app.widgets.compare_bar import CompareBar
from app.widgets.export_notice import ExportNotice
from app.widgets.filmstrip import Filmstrip
from app.widgets.image_canvas import ImageCanvas
from app.widgets.mask_overlay import MaskOverlay
from app.widgets.message_bar import MessageBar
from app.widgets.models_dialog import ModelsDialog
from app.widgets.name_question import NameQuestion
from app.widgets.opening_view import OpeningView
from app.widgets.settings_dialog import SettingsDialog
from app.widgets.status_row import StatusRow
from app.widgets.tour_bar import TourBar
from app.widgets.welcome_page import WelcomePage
from app.wording import told
from app.workers.render_worker import OpenEngine, RenderWorker
from app.workers.task import Task
from liifgan_core.errors import LiifganError
from liifgan_core.render.request import RenderRequest
from liifgan_core.resources import user_config_path
from liifgan_core.weights.descriptor import WeightsInfo

_FIRST_PART = 0.9
"""Of a small screen; the window's frame needs some of it, too."""


class MainWindow(QMainWindow):
    """Owns the document, its frames, the threads and the widgets. Main thread."""

    def __init__(self, services: Services, store: SettingsStore) -> None:
        super().__init__()
        self._services = services
        self.store = store
        self.document = DocumentModel(self)
        self.document.set_mode(store.settings.compare)
        self.schedule = FrameSchedule(self.document, self)
        self.quick_choice = QuickChoice(self.schedule, store, services.has_fast_gpu, self)
        self.opener = Opener(self.document, self, settings=lambda: store.settings)
        self.worker = RenderWorker(self._open_engine(), self)
        queue_file = QueueFile(user_config_path("queue"))
        self.queue = ExportQueue(services.open_exporter, store, queue_file, self)
        self.training = TrainingRun(services.core_command, self)
        self.mask_editor = MaskEditor(self.document, self)
        self.sidecars = SidecarKeeper(self.document, self.mask_editor, self)
        self._model_task: Task | None = None
        self._is_list_stale = False
        self._model_problems: list[str] = []
        self._build()
        self._connect()

    def start(self) -> None:
        """Start the threads. After the window is shown, because torch takes seconds to import."""
        self.worker.start()
        self.quick_choice.start()
        self.list_models()
        self.queue.restore()

    # The user's commands

    def open_path(self, path: Path) -> None:
        """Open a photo or a folder's first one."""
        self.opener.open_paths([path])

    def ask_for_photo(self) -> None:
        """Let the user choose a photo."""
        recent = self.store.settings.recent
        folder = str(Path(recent[0]).parent) if recent else ""
        patterns = " ".join(f"*{suffix}" for suffix in READABLE_SUFFIXES)
        kinds = self.tr("Photos ({0});;All files (*)").format(patterns)
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Open a photo"), folder, kinds)
        if chosen:
            self.open_path(Path(chosen))

    def paste(self) -> None:
        """Open the picture or file in the clipboard."""
        self.opener.open_mime(QGuiApplication.clipboard().mimeData())

    def copy_view(self) -> None:
        """Put the right picture's visible part, as it is now, into the clipboard, and say so."""
        picture = view_picture(self.schedule)
        if picture is None:
            return
        QGuiApplication.clipboard().setImage(picture)
        shown = showing(self.schedule, self.document.comparison.right)
        if shown.then is None and shown.now is not None:
            self.status_row.say(self.tr("Copied"))
        else:
            self.status_row.say(self.tr("Copied as a preview; copy again when it is final"))

    def export_all(self) -> None:
        """Put the photos that were opened together into the queue, by the view's settings."""
        self.panels.batch.form.follow_view()
        self.queue.add_photos(self.opener.series.paths)
        self.show_queue()

    def export(self) -> None:
        """Put the photo into the queue, as the panel at the right says."""
        photo, model = self.document.photo, self.side.choice.model
        if photo is None:
            return
        if model is None:
            self._say_no_model()
            return
        rule, detail = self.side.size_choice.rule, self.document.look.detail
        self.mask_editor.settle()
        mask = self.document.mask
        choice = ExportChoice(rule=rule, model=model.name, detail=detail, detail_mask=mask)
        try:
            self.queue.add(photo, choice, self.side.options)
        except LiifganError as error:
            self.messages.show_message(told(error))

    def show_queue(self) -> None:
        """Show the export queue's panel in front of others."""
        self.panels.batch_dock.show()
        self.panels.batch_dock.raise_()
        self.panels.batch.table.setFocus()

    def show_models(self, name: str = "") -> None:
        """Show the list of models, and all about one of them."""
        dialog = ModelsDialog(
            self.document, self._services.import_model, self.side.fetcher, self, present=name
        )
        dialog.files_changed.connect(self.list_models)
        self._open_dialog(dialog)
        self.list_models()

    def show_settings(self) -> None:
        """Show the settings."""
        self._open_dialog(SettingsDialog(self.store, self._services.device_names, self))

    def show_about(self) -> None:
        """Show version and licences."""
        self._open_dialog(AboutDialog(self))

    def begin_tour(self) -> None:
        """Lead through the app on the sample photos."""
        self.tour.begin()

    def list_models(self) -> None:
        """Look for installed models, in the background."""
        if self._model_task is not None:
            self._is_list_stale = True
        else:
            ask, device = self._services.is_accelerated, self.store.settings.device
            task = Task(lambda _progress, _cancel: find_models(lambda: ask(device)), self)
            self._model_task = task
            task.succeeded.connect(self._take_models)
            task.failed.connect(self.messages.show_message)
            task.finished.connect(self._forget_model_task)
            task.start()

    # Events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.opener.open_mime(event.mimeData())
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.closer.may_close():
            event.ignore()
            return
        self._window_file().setValue("geometry", self.saveGeometry())
        self._window_file().setValue("panels", self.saveState())
        self._is_list_stale = False
        self.mask_editor.settle()
        self.sidecars.flush()
        self.schedule.pace.stop()
        self.opener.shut_down()
        self.filmstrip.shut_down()
        self.worker.stop()
        self.side.shut_down()
        self.queue.shut_down()
        self.training.shut_down()
        for task in Task.running():  # of dialogs, too
            task.stop()
        event.accept()

    # How it is put together

    def _build(self) -> None:
        self.setWindowTitle("LIIF-GAN")
        self.setAcceptDrops(True)
        self.messages = MessageBar()
        self.name_question = NameQuestion(self.queue, self)
        self.closer = Closer(self, self.queue, self.training, self.messages.show_message)
        self.canvas = ImageCanvas(self.schedule)
        self.mask_overlay = MaskOverlay(self.mask_editor, self.canvas)
        self.compare_bar = CompareBar(self.document)
        self.side = build_side(self, self.schedule, self.store, self._services)
        self.tour = TourBar(self.document, self.opener)
        self.welcome = WelcomePage(
            ask_for_photo=self.ask_for_photo,
            paste=self.paste,
            open_path=self.open_path,
            open_mime=self.opener.open_mime,
            begin_tour=self.begin_tour,
        )
        self.opening = OpeningView(self.opener, self.canvas)
        self.filmstrip = Filmstrip(self.opener, self.export_all)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self.canvas)
        self.notice = ExportNotice(self.queue, self.show_queue, self._pages)
        self.panels = build_panels(
            self,
            self.document,
            self.store,
            self._services,
            queue=self.queue,
            training=self.training,
            editor=self.mask_editor,
            keeper=self.sidecars,
        )
        self.actions_ = build_actions(
            self.menuBar(),
            self.document,
            self._commands(),
            docks=(self.panels.batch_dock, self.panels.trainer_dock),
        )
        self._mask_actions = add_mask_menu(
            self.menuBar(),
            self.mask_editor,
            self.panels.mask.automatic,
            dock=self.panels.mask_dock,
            save=self.sidecars.save,
        )

        self._tools = QWidget()
        top = QHBoxLayout(self._tools)
        top.setContentsMargins(M, S, M, S)
        top.setSpacing(S)
        for action, icon_name in ((self.actions_.open, "open"), (self.actions_.export, "export")):
            name = action.text().replace("&", "")
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            top.addWidget(tool_button(icon_name, name, action.trigger, tip=f"{name} ({keys})"))
        top.addSpacing(S)
        top.addWidget(self.compare_bar)
        top.addStretch(1)

        self.status_row = StatusRow(self.schedule)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._tools)
        layout.addWidget(self.messages)
        layout.addWidget(self.tour)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.filmstrip)
        layout.addWidget(self.status_row)
        self._middle = Beside(centre, self.side.panel)
        self.setCentralWidget(self._middle)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.activated.connect(self.messages.hide)
        self.resize(first_size(self.screen().availableSize()))
        geometry = self._window_file().value("geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)
        panels = self._window_file().value("panels")
        if panels is not None:
            self.restoreState(panels)
        self._show_photo()
        self._show_recent()

    def _commands(self) -> Commands:
        return Commands(
            open=self.ask_for_photo,
            paste=self.paste,
            step=self.opener.step,
            copy_view=self.copy_view,
            export=self.export,
            quit=self.close,
            show_models=self.show_models,
            show_settings=self.show_settings,
            begin_tour=self.begin_tour,
            show_about=self.show_about,
        )

    def _connect(self) -> None:
        document, schedule, worker = self.document, self.schedule, self.worker
        schedule.request_ready.connect(self._submit)
        worker.tile_ready.connect(schedule.add_tile)
        worker.frame_done.connect(schedule.finish_frame)
        worker.progressed.connect(schedule.take_progress)
        worker.failed.connect(self._frame_failed)
        document.photo_changed.connect(self._show_photo)
        document.comparison_changed.connect(self._enable)
        document.comparison_changed.connect(
            lambda: self.store.change(compare=document.comparison.mode)
        )
        self.opener.failed.connect(self.messages.show_message)
        self.sidecars.failed.connect(self.messages.show_message)
        self.panels.mask.automatic.failed.connect(self.messages.show_message)
        self.opener.opened.connect(self.store.add_recent)
        self.opener.opening_changed.connect(self._show_page)
        self.store.changed.connect(self._show_recent)
        self.store.engine_changed.connect(self._change_engine)
        self.training.model_ready.connect(lambda _name: self.list_models())
        self.panels.batch.table.looked_at.connect(self.open_path)
        self.side.panel.export_asked.connect(self.export)
        self.side.panel.models.details_asked.connect(self.show_models)
        self.side.fetcher.installed.connect(lambda _name: self.list_models())

    def _open_engine(self) -> OpenEngine:
        settings = self.store.settings
        memory_bytes = settings.memory_mb * 2**20
        open_engine = self._services.open_engine
        return lambda: open_engine(settings.device, settings.precision, memory_bytes)

    def _change_engine(self) -> None:
        self.worker.use_engine(self._open_engine())
        self.schedule.ask()

    def _submit(self, request: RenderRequest) -> None:
        photo = self.document.photo
        if photo is not None and photo.key == request.image_key:
            self.worker.open_image(photo.key, photo.image)
            self.worker.submit(request)

    def _frame_failed(self, request_id: int, message: str) -> None:
        self.schedule.fail_frame(request_id)
        self.messages.show_message(message)

    def _take_models(self, found: tuple[list[WeightsInfo], list[str]]) -> None:
        models, problems = found
        before = {model.name: model.sha256 for model in self.document.models}
        self.document.set_models(models)
        if any(before.get(model.name, model.sha256) != model.sha256 for model in models):
            self._change_engine()  # the present one may hold a model that was replaced
        if not models:
            self._say_no_model()
        elif problems and problems != self._model_problems:
            # Said once, not with every look at the list.
            self.messages.show_message("\n".join(problems))
        self._model_problems = problems

    def _say_no_model(self) -> None:
        self.messages.show_message(
            self.tr("No model is installed. Install LIIF-GAN again, which brings some.")
        )

    def _open_dialog(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _forget_model_task(self) -> None:
        if self._model_task is not None:
            self._model_task.deleteLater()
            self._model_task = None
        if self._is_list_stale:  # files changed while they were being listed
            self._is_list_stale = False
            self.list_models()

    def _show_photo(self) -> None:
        photo = self.document.photo
        self._show_page()
        for tools in (self._tools, self.status_row):  # without a photo they could do nothing
            tools.setVisible(photo is not None)
        self._middle.want_panel(photo is not None)
        name = "" if photo is None else photo.name
        self.setWindowTitle(f"{name} \u2013 LIIF-GAN" if name else "LIIF-GAN")
        if photo is not None:
            self.messages.hide()
            if not self.filmstrip.isAncestorOf(QApplication.focusWidget() or self):
                self.canvas.setFocus()
        self._enable()

    def _show_page(self) -> None:
        """Show the canvas as soon as there is something for it."""
        has_picture = self.document.photo is not None or self.opener.opening is not None
        policy = QSizePolicy.Policy.Ignored if has_picture else QSizePolicy.Policy.Preferred
        self.welcome.setSizePolicy(policy, policy)  # a page that is not seen needs no room
        self._pages.setCurrentIndex(int(has_picture))

    def _enable(self) -> None:
        has_photo = self.document.photo is not None
        for action in (*self.actions_.needs_photo, *self._mask_actions):
            action.setEnabled(has_photo)
        for action in self.actions_.needs_detail:
            has_map = self.document.has_detail and self.document.comparison.mode != "difference"
            action.setEnabled(has_photo and has_map)

    def _show_recent(self) -> None:
        fill_recent(self.actions_.recent, self.store.settings.recent, self.open_path)
        self.welcome.show_recent(self.store.settings.recent)

    def _window_file(self) -> QSettings:
        return QSettings(str(user_config_path("window.ini")), QSettings.Format.IniFormat)


def first_size(screen: QSize) -> QSize:
    """Return the window's size at the first start, for the free part of a screen."""
    return QSize(1280, 820).boundedTo(screen * _FIRST_PART)
