"""Settings that recipes had once: runs and cards of then are read if they did not use them."""

from collections.abc import Mapping
from typing import Any

_RETIRED: dict[tuple[str, ...], object] = {
    ("structure_init",): None,
    ("loss", "detail_start_step"): 0,
    ("loss", "artefact"): 0.0,
    ("loss", "gan", "kind"): "vanilla",
    ("loss", "gan", "label_smoothing"): 0.0,
}
"""Each with the value that says it was not used."""


class RetiredError(ValueError):
    """A recipe used a setting that there is no more."""


def without_retired(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recipe, as plain values of JSON, without the settings that there are no more.

    Raises RetiredError when it used one of them.
    """
    found = dict(config)
    for path, unused in _RETIRED.items():
        found = _without(found, path, unused, name=".".join(path))
    return found


def _without(
    config: dict[str, Any], path: tuple[str, ...], unused: object, *, name: str
) -> dict[str, Any]:
    key, *rest = path
    if config.get(key, unused) is None and rest:  # a loss term that is off
        return config
    if key not in config:
        return config
    if rest:
        return config | {key: _without(dict(config[key]), tuple(rest), unused, name=name)}
    if config[key] != unused:
        raise RetiredError(f"its recipe uses {name}, which this version has no more")
    return {other: value for other, value in config.items() if other != key}
