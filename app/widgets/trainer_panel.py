"""The trainer: one's own photos in, a model of one's own out."""

from collections.abc import Callable

from PySide6.QtCore import QLocale, QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.design.fields import ChoiceBox
from app.design.parts import FittedScroll, primary_button, quiet_label
from app.design.tokens import M, S
from app.state.document import DocumentModel
from app.state.settings_store import SettingsStore
from app.state.training_plan import RecipeChoice, free_run_name, saved_plans
from app.state.training_run import RunState, TrainingRun
from app.widgets.buttons import button_row, text_button
from app.widgets.quantities import percent_text, time_text
from app.widgets.training_form import TrainingForm
from app.widgets.training_view import RenderPicture, TrainingView
from app.workers.task import Task


class TrainerPanel(QWidget):
    """Shows and drives a training run. Main thread."""

    def __init__(
        self,
        run: TrainingRun,
        document: DocumentModel,
        store: SettingsStore,
        *,
        recipes: Callable[[], list[RecipeChoice]],
        render_picture: RenderPicture,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._run, self._recipes = run, recipes
        self._task: Task | None = None
        self.runs = ChoiceBox()
        self.runs.setAccessibleName(self.tr("Run"))
        self.form = TrainingForm(document, store)
        self.view = TrainingView(run, document, render_picture)
        self.progress = QProgressBar()
        self.progress.setAccessibleName(self.tr("Progress of the training"))
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.start = primary_button(self.tr("Start"), self._start)
        self.start.setAutoDefault(False)
        self.pause = text_button(self.tr("Pause"), run.pause)
        self.pause.setToolTip(self.tr("Saves after the present step; it can go on another day"))
        self.stop = text_button(self.tr("Stop"), run.stop)
        self.stop.setToolTip(self.tr("Ends here and puts the model so far into the list of models"))
        self._lay_out()
        self.runs.activated.connect(lambda _: self._choose_run())
        self.form.changed.connect(self._show)
        run.state_changed.connect(self._show)
        run.progressed.connect(self._show_progress)
        self._list_runs()
        self.form.name.setText(free_run_name())
        self._show()

    def load(self) -> None:
        """List the recipes, in the background, because that imports torch; once."""
        if self._task is not None:
            return
        recipes = self._recipes
        task = self._task = Task(lambda _progress, _cancel: recipes(), self)
        task.succeeded.connect(self._take_recipes)
        task.failed.connect(self.status.setText)
        task.start()

    def _take_recipes(self, recipes: list[RecipeChoice]) -> None:
        self.form.set_recipes(recipes)
        if self._run.plan is not None:
            self.form.show_plan(self._run.plan)

    def _lay_out(self) -> None:
        hint = quiet_label(
            self.tr(
                "Train a model on photos of your own kind. It runs beside the app and can be "
                "paused for days."
            )
        )
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(M, S, M, M)
        column.setSpacing(M)
        for widget in (hint, self.runs, self.form, self.view):
            column.addWidget(widget)
        column.addStretch(1)
        scroll = FittedScroll(inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, M)
        layout.addWidget(scroll, 1)
        below = QVBoxLayout()
        below.setContentsMargins(M, 0, M, 0)
        below.addWidget(self.progress)
        below.addWidget(self.status)
        below.addLayout(button_row(None, self.stop, self.pause, self.start))
        layout.addLayout(below)
        self.setMinimumWidth(300)

    def _list_runs(self) -> None:
        name = None if self._run.plan is None else self._run.plan.name
        with QSignalBlocker(self.runs):
            self.runs.clear()
            self.runs.addItem(self.tr("New run"), None)
            for plan in saved_plans():
                self.runs.addItem(self.tr("Run {0}").format(plan.name), plan.name)
            self.runs.setCurrentIndex(max(0, self.runs.findData(name)))

    def _choose_run(self) -> None:
        name = self.runs.currentData()
        plan = next((plan for plan in saved_plans() if plan.name == name), None)
        if plan is None:
            self._run.forget()
            self.form.name.setText(free_run_name())
        else:
            self._run.show(plan)
            self.form.show_plan(plan)

    def _start(self) -> None:
        plan = self.form.plan()
        if plan is not None:
            self._run.start(plan)
            self._list_runs()

    def _show(self) -> None:
        run, plan = self._run, self.form.plan()
        is_ending = run.state in ("pausing", "stopping")
        can_go_on = plan is not None and plan.has_checkpoint
        self.form.setEnabled(not run.is_alive)
        self.runs.setEnabled(not run.is_alive)
        self.start.setEnabled(not run.is_alive and plan is not None)
        self.start.setText(self.tr("Resume") if can_go_on else self.tr("Start"))
        self.pause.setEnabled(run.is_alive and not is_ending)
        self.stop.setEnabled((run.is_alive and not is_ending) or run.state == "paused")
        self._show_progress()

    def _show_progress(self) -> None:
        run = self._run
        step = 0 if run.log is None else run.log.step
        self.progress.setVisible(run.is_alive)
        self.progress.setRange(0, run.stop_step or 0)
        self.progress.setValue(step)
        self.status.setText(self._text(run.state, step))

    def _text(self, state: RunState, step: int) -> str:
        run = self._run
        match state:
            case "running" if run.stop_step is None:
                return self.tr("Preparing: reading the photos…")
            case "running":
                locale, last = QLocale(), run.stop_step or 0
                text = self.tr("Step {0} of {1}").format(
                    locale.toString(step), locale.toString(last)
                )
                if last:
                    text = f"{percent_text(step / last)}, {text}"
                if run.seconds_left is None:
                    return text
                left = self.tr("{0} left").format(time_text(run.seconds_left))
                return f"{text}, {left}"
            case "pausing" | "stopping":
                return self.tr("Saving after this step…")
            case "paused":
                return self.tr("Paused after {0} steps").format(QLocale().toString(step))
            case "done":
                name = "" if run.plan is None else run.plan.name
                return self.tr("Done: {0} is in the list of models").format(name)
            case "failed":
                return run.message
            case "idle":
                return ""
