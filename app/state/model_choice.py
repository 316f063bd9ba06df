"""Which model is chosen, by purpose, and the detail strength that goes with it; remembered."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer

from app.state.document import DocumentModel
from app.state.settings_store import SettingsStore
from liifgan_core.render.export_options import MAX_DETAIL
from liifgan_core.render.request import NEAREST
from liifgan_core.weights.descriptor import WeightsInfo
from liifgan_core.weights.family import Purpose

KEEP_DELAY_MS = 500
"""How long after its last step a slider counts as at rest, and its value is written."""
_PURPOSES: tuple[Purpose, ...] = ("faithful", "natural", "clean-up")


def cards(models: Sequence[WeightsInfo]) -> list[WeightsInfo]:
    """Return the models that have a card: the family's main ones, by purpose, the full one first.

    Where none of them is installed, all models have one.
    """
    main = [model for model in models if model.group == "main"] or list(models)
    return sorted(main, key=lambda model: (_PURPOSES.index(model.purpose), model.pace != "full"))


def others(models: Sequence[WeightsInfo]) -> list[WeightsInfo]:
    """Return the models without a card: a user's own, quick views, those to compare with."""
    with_card = {model.name for model in cards(models)}
    return [model for model in models if model.name not in with_card]


def is_ready(model: WeightsInfo) -> bool:
    """Whether all that a model reads is installed."""
    return model.trunk is None or model.trunk.is_installed


class ModelChoice(QObject):
    """The model of the right picture and of exports, and its detail strength. Main thread.

    A strength that is the model's usual one follows to that of the next model; one that the user
    has set stays.
    """

    def __init__(
        self, document: DocumentModel, store: SettingsStore, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._store = document, store
        self._factor = 1.0
        self._is_restored = False
        self._model: WeightsInfo | None = None
        self._usual = 1.0
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(KEEP_DELAY_MS)
        self._delay.timeout.connect(self.keep)
        document.models_changed.connect(self._restore)
        document.comparison_changed.connect(self._follow)
        document.look_changed.connect(self._delay.start)

    @property
    def model(self) -> WeightsInfo | None:
        """What an export takes; None: no model is installed."""
        name = self._document.model
        return next((model for model in self._document.models if model.name == name), None)

    @property
    def usual_detail(self) -> float:
        """The detail strength that the model's makers advise at the chosen size."""
        return self._usual

    def choose(self, name: str) -> None:
        """Show a model's picture at the right; at the left the photo, where it was that model's."""
        left = self._document.comparison.left
        self._document.set_sources(NEAREST if left == name else left, name)

    def set_factor(self, factor: float) -> None:
        """Take the factor of the chosen size, by which makers may advise a strength."""
        self._factor = factor
        self._follow()

    def reset_detail(self) -> None:
        """Set the usual strength."""
        self._document.set_detail(self._usual)

    def keep(self) -> None:
        """Write what was chosen into the settings."""
        self._delay.stop()
        if not self._is_restored:
            return
        detail, chosen = self._document.look.detail, self._document.model
        models = self._document.models
        # The default stays what it is here: tomorrow another one may be the best.
        is_default = not models or chosen == models[0].name
        self._store.change(
            model="" if is_default else chosen, detail=None if detail == self._usual else detail
        )

    def _restore(self) -> None:
        """Take the remembered choice, once there are models."""
        if self._is_restored or not self._document.models:
            return
        settings = self._store.settings
        known = next((m for m in self._document.models if m.name == settings.model), None)
        # A model whose network is not there any more would only show an error.
        if known is not None and is_ready(known):
            self.choose(known.name)
        self._follow()
        self._document.set_detail(self._usual if settings.detail is None else settings.detail)
        self._is_restored = True

    def _follow(self) -> None:
        model = self.model
        advised = 1.0 if model is None else model.strength_at(self._factor)
        before, self._usual = self._usual, min(advised, MAX_DETAIL)
        if self._usual != before and self._document.look.detail == before:
            self._document.set_detail(self._usual)
        if self._is_restored and model is not self._model:
            self._delay.start()
        self._model = model
