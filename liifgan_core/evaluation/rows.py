"""From what a user names with `--models` to methods."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liifgan_core.errors import LiifganError
from liifgan_core.evaluation.file_networks import load_external_network, load_file_network
from liifgan_core.evaluation.fixed_scale import FixedScale
from liifgan_core.evaluation.measures import ORIGINAL
from liifgan_core.evaluation.methods import Bicubic, Continuous, LayeredModel, Method
from liifgan_core.render.devices import resolve_device
from liifgan_core.render.export_options import MAX_DETAIL
from liifgan_core.render.placed_model import load_model
from liifgan_core.weights.registry import SUFFIX
from liifgan_core.weights.trunks import NETWORKS

_FILE = "file:"
_SPEC = re.compile(
    r"(?:(?P<label>[\w .()+-]+)=)?(?P<source>.+?)(?:@(?P<detail>\d+(?:\.\d*)?|\.\d+))?"
)


@dataclass(frozen=True, slots=True)
class RowSpec:
    """`[LABEL=]SOURCE[@DETAIL]`, understood."""

    label: str | None
    """None: after the file or model."""
    source: str
    """"bicubic", a name of `weights.trunks.NETWORKS`, "file:PATH", or a model's name or path."""
    detail: float | None
    """None: not said here."""


def parse_rows(texts: Sequence[str]) -> tuple[RowSpec, ...]:
    """Return the rows in their order.

    Raises LiifganError when there is none, and for a strength of detail outside of 0 to 1.5.
    """
    rows = [_parse_row(text.strip()) for text in texts if text.strip()]
    if not rows:
        raise LiifganError("no model is asked for; give --models")
    return tuple(rows)


def open_methods(
    rows: Sequence[RowSpec], *, detail: float = 1.0, device: str = "auto", precision: str = "auto"
) -> tuple[Method, ...]:
    """Return a method per row. Weights are loaded once even where several rows use them.

    `detail` is for models with a detail layer whose row says no strength; other strengths than 1
    become part of the name. Raises WeightsError for what cannot be had, DeviceError, and
    LiifganError when two rows have the same name, one says a strength that has no effect or is
    called like the row of the originals.
    """
    loaded: dict[str, LayeredModel] = {}
    methods: dict[str, Method] = {}
    for row in rows:
        if row.source == "bicubic":
            method: Method = Bicubic(row.label or row.source)
        elif row.source in NETWORKS:
            network = load_external_network(row.source, resolve_device(device))
            # Real-ESRGAN's and RealSR's: each was trained against a discriminator.
            method = FixedScale(row.label or row.source, network, is_gan=True)
        elif row.source.startswith(_FILE):
            path = Path(row.source.removeprefix(_FILE))
            network = load_file_network(path, resolve_device(device))
            method = FixedScale(row.label or path.stem, network)
        else:
            if row.source not in loaded:
                placed = load_model(row.source, device=device, precision=precision)
                loaded[row.source] = LayeredModel(placed)
            method = _continuous(row, loaded[row.source], detail)
        if method.label == ORIGINAL:
            raise LiifganError(
                f"a row cannot be called {ORIGINAL!r}, as that of the originals' own figures is; "
                "name it with LABEL=MODEL in --models"
            )
        if method.label in methods:
            raise LiifganError(
                f"two rows are called {method.label!r}; name them with LABEL=MODEL in --models"
            )
        methods[method.label] = method
    return tuple(methods.values())


def _continuous(row: RowSpec, model: LayeredModel, detail: float) -> Continuous:
    if row.detail is not None and not model.has_detail:
        raise LiifganError(f"{row.source} has no detail layer; leave '@{row.detail:g}' out")
    strength = detail if row.detail is None else row.detail
    is_path = row.source.endswith(SUFFIX)
    label = row.label or (Path(row.source).stem if is_path else row.source)
    if row.label is None and model.has_detail and strength != 1.0:
        label += f"@{strength:g}"
    return Continuous(label, model, strength)


def _parse_row(text: str) -> RowSpec:
    match = _SPEC.fullmatch(text)
    assert match is not None, "any text that is not empty is at least a source"
    source = match["source"]
    detail = None if match["detail"] is None else float(match["detail"])
    if detail is not None and detail > MAX_DETAIL:
        raise LiifganError(f"{text!r}: detail is a number from 0 to {MAX_DETAIL:g}")
    is_fixed = source == "bicubic" or source in NETWORKS or source.startswith(_FILE)
    if detail is not None and is_fixed:
        raise LiifganError(f"{text!r}: only LIIF models take a strength of detail")
    return RowSpec(match["label"], source, detail)
