"""The models as cards by purpose, with a piece of the photo as each draws it, and an advice."""

from PySide6.QtCore import QCoreApplication, QPoint, QRect, QSize, Signal
from PySide6.QtGui import QAction, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from app.design.icons import icon
from app.design.parts import ChoiceCard, quiet_label, section_header, set_part
from app.design.tokens import GRID, ICON, S
from app.qimage import qimage_from_rgb
from app.state.crop_samples import CropSamples, is_slow
from app.state.document import DocumentModel
from app.state.model_choice import ModelChoice, cards, is_ready, others
from app.state.network_fetcher import NetworkFetcher
from app.state.photo_advice import PhotoAdvice
from app.widgets.network_row import NetworkRow
from app.widgets.source_names import model_description, source_name
from liifgan_core.photo_quality import Flaw, PhotoQuality
from liifgan_core.weights.descriptor import WeightsInfo

SAMPLE = QSize(56, 56)
"""Logical pixels of a piece of the photo."""


class ModelSection(QWidget):
    """Shows and sets the model. Main thread."""

    details_asked = Signal(str)
    """All about the model of this name is wanted."""

    def __init__(
        self,
        document: DocumentModel,
        choice: ModelChoice,
        samples: CropSamples,
        fetcher: NetworkFetcher,
        advice: PhotoAdvice,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._choice, self._samples = document, choice, samples
        self._fetcher, self._advice = fetcher, advice
        self._listed: tuple[WeightsInfo, ...] = ()
        self.cards: dict[str, ModelCard] = {}
        self._group = QButtonGroup(self)
        self._column = QVBoxLayout()
        self._column.setSpacing(GRID)
        self.advice = quiet_label()
        self.more = _flat(self.tr("More…"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.more)
        self._menu.setToolTipsVisible(True)
        self.more.setMenu(self._menu)
        self.draw_samples = QAction(self.tr("Draw the small pictures of slow models"), self)
        self.draw_samples.setToolTip(self.tr("It takes seconds"))
        self.draw_samples.triggered.connect(lambda _=False: self._ask_for_samples())
        self.details = _flat(self.tr("Details"))
        self.details.setToolTip(self.tr("Technical name, card and licence of the chosen model"))
        self.details.clicked.connect(lambda _checked=False: self._ask_for_details())
        header = QHBoxLayout()
        header.addWidget(section_header(self.tr("Model")))
        header.addStretch(1)
        header.addWidget(self.details)
        header.addWidget(self.more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(S)
        layout.addLayout(header)
        layout.addLayout(self._column)
        layout.addWidget(self.advice)
        document.models_changed.connect(self._list)
        document.comparison_changed.connect(self._show)
        samples.changed.connect(self._show_samples)
        advice.changed.connect(self._show_advice)
        self._list()

    def _list(self) -> None:
        models = tuple(self._document.models)
        if models != self._listed or not models:
            self._listed = models
            self._fill()
        self._show()
        self._show_samples()
        self._show_advice()

    def _fill(self) -> None:
        for old in self.cards.values():
            self._group.removeButton(old.card)
            self._column.removeWidget(old)
            old.deleteLater()
        self.cards = {}
        for model in cards(self._document.models):
            card = self.cards[model.name] = ModelCard(model, self._fetcher)
            self._group.addButton(card.card)
            self._column.addWidget(card)
            name = model.name
            card.card.clicked.connect(lambda _=False, name=name: self._choice.choose(name))
        self._menu.clear()
        for model in others(self._document.models):
            action = self._menu.addAction(source_name(model.name))
            action.setCheckable(True)
            action.setData(model.name)
            action.setToolTip(model_description(model))
            action.setEnabled(is_ready(model))
            name = model.name
            action.triggered.connect(lambda _=False, name=name: self._choice.choose(name))
        if any(is_slow(model) for model in cards(self._document.models)):
            self._menu.addSeparator()
            self._menu.addAction(self.draw_samples)
        self.more.setVisible(not self._menu.isEmpty())

    def _show(self) -> None:
        chosen = self._document.model
        self._group.setExclusive(False)
        for name, card in self.cards.items():
            card.card.setChecked(name == chosen)
        self._group.setExclusive(True)
        for action in self._menu.actions():
            action.setChecked(action.data() == chosen)
        is_other = chosen is not None and chosen not in self.cards
        self.more.setText(source_name(chosen) if chosen and is_other else self.tr("More…"))
        self.details.setEnabled(chosen is not None)
        self._show_samples()

    def _show_samples(self) -> None:
        models = {model.name: model for model in self._listed}
        for name, card in self.cards.items():
            picture = self._samples.picture(models[name])
            card.show_sample(None if picture is None else qimage_from_rgb(picture))
        waits = any(
            self._samples.is_on_demand(models[name]) and is_ready(models[name])
            for name in self.cards
        )
        self.draw_samples.setEnabled(waits and self._document.photo is not None)

    def _ask_for_samples(self) -> None:
        for model in self._listed:
            if model.name in self.cards and self._samples.is_on_demand(model):
                self._samples.ask(model.name)
        self._show_samples()

    def _ask_for_details(self) -> None:
        chosen = self._document.model
        if chosen is not None:
            self.details_asked.emit(chosen)

    def _show_advice(self) -> None:
        quality = self._advice.quality
        text = "" if quality is None else advice_text(quality, self._listed)
        self.advice.setText(text)
        self.advice.setVisible(bool(text))


class ModelCard(QWidget):
    """One model to choose; what it lacks can be had below it."""

    def __init__(
        self, model: WeightsInfo, fetcher: NetworkFetcher, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.card = ChoiceCard(source_name(model.name), model_description(model))
        self.card.setToolTip(self._tip(model))
        self.card.setEnabled(is_ready(model))
        self.network = NetworkRow(fetcher)
        self.network.set_trunk(model.trunk)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(S)
        layout.addWidget(self.card)
        layout.addWidget(self.network)
        self.show_sample(None)

    def show_sample(self, picture: QImage | None) -> None:
        """Show the photo's piece; None: a sign that there is none yet."""
        if picture is None:
            side = QSize(ICON, ICON)
            self.card.show_picture(icon("image", "quiet"), side, room=SAMPLE)
        else:
            # Pixel for pixel: made smaller, pictures of all models look alike.
            seen = SAMPLE * self.devicePixelRatioF()
            part = QRect(QPoint(), seen.boundedTo(picture.size()))
            part.moveCenter(picture.rect().center())
            self.card.show_picture(QIcon(QPixmap.fromImage(picture.copy(part))), SAMPLE)

    def _tip(self, model: WeightsInfo) -> str:
        if model.trunk is not None and model.trunk.name is None:
            return self.tr("{0} reads a network that this version does not know").format(model.name)
        return model.name


def advice_text(quality: PhotoQuality, models: tuple[WeightsInfo, ...]) -> str:
    """Return what is advised for a photo, in the user's language; empty: nothing.

    The model that cleans, where one can be used; else the one that invents nothing.
    """
    if not quality.flaws:
        return ""
    translate = QCoreApplication.translate
    by_flaws: dict[tuple[Flaw, ...], str] = {
        ("compressed",): translate("advice", "looks compressed"),
        ("noisy",): translate("advice", "looks noisy"),
        ("compressed", "noisy"): translate("advice", "looks compressed and noisy"),
    }
    looks = by_flaws[quality.flaws]
    usable = [model for model in cards(models) if is_ready(model)]
    cleaning = next((model for model in usable if model.cleans), None)
    if cleaning is not None:
        text = translate("advice", "This photo {0}: {1} may suit it.")
        return text.format(looks, source_name(cleaning.name))
    faithful = next((model for model in usable if model.purpose == "faithful"), None)
    if faithful is None:
        return translate("advice", "This photo {0}.").format(looks)
    text = translate("advice", "This photo {0}: {1} adds nothing to that.")
    return text.format(looks, source_name(faithful.name))


def _flat(text: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    set_part(button, "flat")
    return button
