"""How large results shall be: the rule that was chosen last, and rules under names of one's own."""

import logging
from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, Signal

from app.settings import AppSettings
from app.state.settings_store import SettingsStore
from app.state.target_rule import TargetRule, parse_rule, rule_text
from liifgan_core.errors import SizeError

_logger = logging.getLogger(__name__)

FIRST_RULE = TargetRule("scale", 2.0)
MAX_PRESETS = 20
"""More would be a list to search in."""
MAX_PRESET_NAME = 40
"""Letters."""


class SizeChoice(QObject):
    """The size rule for the next exports, kept in the settings. Main thread."""

    changed = Signal()
    """The rule."""
    presets_changed = Signal()

    def __init__(self, store: SettingsStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._rule = FIRST_RULE
        try:
            self._rule = parse_rule(store.settings.size_rule)
        except SizeError as error:
            _logger.warning("%s; starting with \u00d7 2", error)

    @property
    def rule(self) -> TargetRule:
        """The chosen rule; whether it suits a photo, its `output_size` says."""
        return self._rule

    @property
    def presets(self) -> dict[str, TargetRule]:
        """The user's own rules by name, in order of the alphabet; unusable ones are left out."""
        found: dict[str, TargetRule] = {}
        for name, text in sorted(self._store.settings.size_presets.items()):
            try:
                found[name] = parse_rule(text)
            except SizeError as error:
                _logger.warning("the size %r is left out: %s", name, error)
        return found

    def set_rule(self, rule: TargetRule) -> None:
        """Choose a rule, which is remembered."""
        if rule != self._rule:
            self._rule = rule
            self._store.change(size_rule=rule_text(rule))
            self.changed.emit()

    def save_preset(self, name: str) -> None:
        """Keep the chosen rule under a name; raises SizeError for no usable one, or one too many.

        A rule of that name is replaced.
        """
        name = " ".join(name.split())
        if not 0 < len(name) <= MAX_PRESET_NAME:
            raise SizeError(f"a size needs a name of 1 to {MAX_PRESET_NAME} letters, not {name!r}")
        presets = self._store.settings.size_presets
        if name not in presets and len(presets) >= MAX_PRESETS:
            raise SizeError(f"{MAX_PRESETS} sizes are kept already; remove one first")
        text = rule_text(self._rule)
        self._change_presets(lambda presets: {**presets, name: text})

    def remove_preset(self, name: str) -> None:
        """Forget the rule of a name."""

        def without(presets: dict[str, str]) -> dict[str, str]:
            return {known: text for known, text in presets.items() if known != name}

        self._change_presets(without)

    def _change_presets(self, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        def changed(settings: AppSettings) -> AppSettings:
            return msgspec.structs.replace(settings, size_presets=change(settings.size_presets))

        self._store.update(changed)
        self.presets_changed.emit()
