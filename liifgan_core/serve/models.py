"""Models that stay loaded, as many as are allowed, and what is told of those that are there."""

import os
from collections import OrderedDict
from dataclasses import dataclass

import msgspec

from liifgan_core.batch.exporter import Exporter, OpenExporter
from liifgan_core.errors import WeightsError
from liifgan_core.serve.refusal import Refusal
from liifgan_core.weights.descriptor import installed_models
from liifgan_core.weights.family import list_rank, present_name
from liifgan_core.weights.registry import find_model, installed_files

_Key = tuple[str, str]
"""(model, precision)."""


class ToldModel(msgspec.Struct, frozen=True, kw_only=True):
    """An installed model as JSON tells it; see `weights.descriptor.WeightsInfo`."""

    name: str
    label: str
    description: str
    purpose: str
    pace: str
    has_detail: bool
    detail_ends: tuple[str, str]
    is_gan: bool
    licence: str
    is_ready: bool
    """Whether a network that it reads is installed, too."""


@dataclass(slots=True)
class _Loaded:
    exporter: Exporter
    stamp: tuple[int, int] | None
    """Of its file: time and bytes."""


class ModelShelf:
    """Loads models and keeps the last ones; for the worker's thread."""

    def __init__(self, open_exporter: OpenExporter, *, device: str, num_models: int) -> None:
        self._open, self._device, self._num_models = open_exporter, device, num_models
        self._loaded: OrderedDict[_Key, _Loaded] = OrderedDict()
        self._defaults: dict[str, str] = {}
        """Precision -> what the default was when it was loaded."""

    def get(self, model: str | None, precision: str) -> Exporter:
        """Return a model, loaded now or before; raises LiifganError as `load_model` does.

        A file that has changed is loaded anew.
        """
        name = self._defaults.get(precision) if model is None else find_model(model).stem
        key = name or "", precision
        loaded = self._loaded.pop(key, None)
        if loaded is None or loaded.stamp != _stamp(key[0]):
            loaded = None  # two of them need not be in memory
            while len(self._loaded) >= self._num_models:
                self._loaded.popitem(last=False)
            exporter = self._open(model, self._device, precision)
            key = exporter.name, precision
            self._loaded.pop(key, None)
            loaded = _Loaded(exporter, _stamp(exporter.name))
            if model is None:
                self._defaults[precision] = exporter.name
        self._loaded[key] = loaded
        return loaded.exporter

    @property
    def names(self) -> list[str]:
        """The models that are loaded, the one that was used last at the end."""
        return [name for name, _ in self._loaded]


def check_model(name: str | None) -> None:
    """Raise Refusal unless a model of that name is installed; files are not taken from clients."""
    if name is None:
        return
    files = installed_files()
    if name not in files and present_name(name) not in files:
        known = ", ".join(sorted(files, key=list_rank)) or "none"
        raise Refusal(
            422,
            "unknown_model",
            f"there is no model {name[:100]!r}; installed: {known}",
            field="model",
        )


def told_models() -> list[ToldModel]:
    """Return the installed models, in the order of lists; reads their files."""
    return [
        ToldModel(
            name=info.name,
            label=info.label,
            description=info.description,
            purpose=info.purpose,
            pace=info.pace,
            has_detail=info.has_detail,
            detail_ends=info.detail_ends,
            is_gan=info.is_gan,
            licence=info.provenance.licence,
            is_ready=info.trunk is None or info.trunk.is_installed,
        )
        for info in installed_models()[0]
    ]


def _stamp(name: str) -> tuple[int, int] | None:
    try:
        status = os.stat(find_model(name))
    except (OSError, WeightsError):
        return None
    return status.st_mtime_ns, status.st_size
