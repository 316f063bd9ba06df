"""What to train: photos, recipe, start weights, budget."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QWidget,
)

from app.design.fields import ChoiceBox, CountBox
from app.design.parts import Form, quiet_label, tool_button
from app.state.document import DocumentModel
from app.state.settings_store import SettingsStore
from app.state.training_plan import RecipeChoice, TrainingPlan
from app.widgets.source_names import source_name
from app.widgets.training_words import recipe_names
from app.workers.task import Task
from liifgan_core.train.image_folder import ImageFolder, scan_folder

_MOST_LISTED = 100
"""Photos that cannot be used and are listed with the reason."""


class TrainingForm(QWidget):
    """Asks for a training plan. Main thread."""

    changed = Signal()

    def __init__(
        self, document: DocumentModel, store: SettingsStore, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._store = document, store
        self._recipes: dict[str, RecipeChoice] = {}
        self._scan: Task | None = None
        self._scanned: tuple[str, int] | None = None
        self._num_usable = 0
        self.photos, self.name = QLineEdit(), QLineEdit("my-model")
        self.photos.setPlaceholderText(self.tr("Choose a folder of sharp, large photos"))
        self.usable, self.description = quiet_label(), quiet_label()
        for label in (self.usable, self.description):
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.skipped = QPlainTextEdit()
        self.skipped.setReadOnly(True)
        self.skipped.setMaximumHeight(90)
        self.recipe, self.init = ChoiceBox(), ChoiceBox()
        self.steps = self._budget(self.tr("as the recipe"), self.tr(" steps"), 10_000_000)
        self.minutes = self._budget(self.tr("no limit"), self.tr(" minutes"), 30_000)
        self.minutes.setToolTip(
            self.tr("After this time the model so far is delivered; the run can go on later")
        )
        self._lay_out()
        self.photos.editingFinished.connect(self.check_photos)
        self.photos.textChanged.connect(lambda _: self.changed.emit())
        self.name.textChanged.connect(lambda _: self.changed.emit())
        self.recipe.currentIndexChanged.connect(lambda _: self._take_recipe())
        document.models_changed.connect(self._list_models)
        self._list_models()
        self._form.setRowVisible(self.skipped, False)

    def set_recipes(self, recipes: Sequence[RecipeChoice]) -> None:
        """List the recipes."""
        self._recipes = {recipe.name: recipe for recipe in recipes}
        with QSignalBlocker(self.recipe):
            self.recipe.clear()
            names = recipe_names()
            for_all = [name for name in names if name in self._recipes]
            for_research = [recipe.name for recipe in recipes if recipe.name not in names]
            for part in (for_all, for_research):
                if self.recipe.count() and part:
                    self.recipe.insertSeparator(self.recipe.count())
                for name in part:
                    self.recipe.addItem(names.get(name, name), name)
                    self.recipe.setItemData(
                        self.recipe.count() - 1, name, Qt.ItemDataRole.ToolTipRole
                    )
        self._take_recipe()

    def show_plan(self, plan: TrainingPlan) -> None:
        """Show what a run was asked for."""
        self.name.setText(plan.name)
        self.photos.setText(plan.photos)
        for box, value in ((self.recipe, plan.recipe), (self.init, plan.init)):
            box.setCurrentIndex(max(0, box.findData(value)))
        self.steps.setValue(plan.max_steps or 0)
        self.minutes.setValue(plan.max_minutes or 0)
        self.check_photos()

    def plan(self) -> TrainingPlan | None:
        """Return the plan; None as long as something is missing."""
        recipe = self._present_recipe()
        name, photos = self.name.text().strip(), self.photos.text().strip()
        if recipe is None or not name or not photos:
            return None
        return TrainingPlan(
            name=name,
            photos=str(Path(photos).expanduser()),
            recipe=recipe.name,
            init=self.init.currentData(),
            max_steps=self.steps.value() or None,
            max_minutes=self.minutes.value() or None,
            device=self._store.settings.device,
        )

    def check_photos(self) -> None:
        """Look, in the background, which photos of the folder suit the recipe."""
        folder, recipe = self.photos.text().strip(), self._present_recipe()
        if not folder or recipe is None or self._scanned == (folder, recipe.smallest_side):
            return
        self._scanned = (folder, recipe.smallest_side)
        root, side = Path(folder).expanduser(), recipe.smallest_side
        if self._scan is not None:
            self._scan.cancel()
        self._say(self.tr("Looking at the photos…"))
        task = self._scan = Task(
            lambda progress, cancel: scan_folder(
                root, min_side=side, decode=False, progress=progress, cancel=cancel
            ),
            self,
        )
        task.succeeded.connect(lambda found: self._show_photos(task, found))
        task.failed.connect(lambda message: self._show_problem(task, message))
        task.finished.connect(task.deleteLater)
        task.start()

    def _show_photos(self, task: Task, found: ImageFolder) -> None:
        if task is not self._scan:
            return
        self._scan, self._num_usable = None, len(found.paths)
        recipe = self._present_recipe()
        needed = 0 if recipe is None else recipe.min_photos
        total = self._num_usable + len(found.skipped)
        text = self.tr("{0} of {1} photos can be used.").format(self._num_usable, total)
        if self._num_usable < needed:
            more = self.tr("The recipe needs at least {0} beside those for validation.")
            text = f"{text} {more.format(needed)}"
        self._say(text)
        reasons = [f"{s.path.name}: {s.reason}" for s in found.skipped[:_MOST_LISTED]]
        self.skipped.setPlainText("\n".join(reasons))
        self._form.setRowVisible(self.skipped, bool(reasons))

    def _show_problem(self, task: Task, message: str) -> None:
        if task is self._scan:
            self._scan = self._scanned = None
            self._say(message)
            self._form.setRowVisible(self.skipped, False)

    def _say(self, text: str) -> None:
        """Show what is known of the photos."""
        self.usable.setText(text)
        self._form.setRowVisible(self.usable, bool(text))

    def _lay_out(self) -> None:
        browse = tool_button("folder", self.tr("Browse…"), self._browse)
        folder_row = QWidget()
        row = QHBoxLayout(folder_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.photos, 1)
        row.addWidget(browse)
        form = self._form = Form(self)
        form.add(self.tr("Photos"), folder_row)
        form.add("", self.usable)
        form.add("", self.skipped)
        form.add(self.tr("Recipe"), self.recipe)
        form.add("", self.description)
        form.add(self.tr("Start from"), self.init)
        form.add(self.tr("Name"), self.name)
        form.add(self.tr("Steps"), self.steps)
        form.add(self.tr("Time"), self.minutes)
        form.setRowVisible(self.usable, False)
        named: tuple[tuple[str, QWidget], ...] = (
            (self.tr("Folder of photos"), self.photos),
            (self.tr("Photos that cannot be used"), self.skipped),
            (self.tr("Recipe"), self.recipe),
            (self.tr("Start from"), self.init),
            (self.tr("Name of the new model"), self.name),
            (self.tr("Steps"), self.steps),
            (self.tr("Time"), self.minutes),
        )
        for name, widget in named:
            widget.setAccessibleName(name)

    def _present_recipe(self) -> RecipeChoice | None:
        return self._recipes.get(self.recipe.currentData())

    def _take_recipe(self) -> None:
        recipe = self._present_recipe()
        if recipe is not None:
            parts = [recipe.description]
            if recipe.num_steps is not None:
                steps = QLocale().toString(recipe.num_steps)
                parts.append(self.tr("{0} steps.").format(steps))
            parts.append(
                self.tr("Photos need {0} pixels a side at least.").format(recipe.smallest_side)
            )
            self.description.setText(" ".join(parts))
            self.recipe.setToolTip(recipe.name)
            self.check_photos()
        self.changed.emit()

    def _list_models(self) -> None:
        chosen = self.init.currentData()
        self.init.clear()
        self.init.addItem(self.tr("As the recipe"), None)
        for model in self._document.models:
            self.init.addItem(source_name(model.name), model.name)
        self.init.setCurrentIndex(max(0, self.init.findData(chosen)))

    def _budget(self, nothing: str, suffix: str, most: int) -> CountBox:
        box = CountBox()
        box.setRange(0, most)
        box.setSpecialValueText(nothing)
        box.setSuffix(suffix)
        box.setGroupSeparatorShown(True)
        return box

    def _browse(self) -> None:
        title = self.tr("Folder of photos")
        chosen = QFileDialog.getExistingDirectory(self, title, self.photos.text())
        if chosen:
            self.photos.setText(chosen)
            self.check_photos()
