"""`curves.png`: each metric against the scale, and PSNR against perceptual distance."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from liifgan_core.errors import LiifganError
from liifgan_core.evaluation.measures import METRICS
from liifgan_core.evaluation.records import Report, SummaryRow

FILE_NAME = "curves.png"
_PANEL_INCHES = (4.6, 3.6)
_COLUMNS = 4


def check_matplotlib() -> None:
    """Raise LiifganError unless the curves can be drawn here."""
    _matplotlib()


def write_curves(report: Report, folder: Path) -> None:
    """Draw each data set's panels, four in a row. Raises LiifganError without matplotlib."""
    figure_module = _matplotlib()
    degradation = report.protocol.degradation
    datasets = list(dict.fromkeys(row.dataset for row in report.summary))
    by_dataset = {name: [r for r in report.summary if r.dataset == name] for name in datasets}
    lines = [
        (dataset, panels[start : start + _COLUMNS])
        for dataset, panels in ((name, _panels(rows)) for name, rows in by_dataset.items())
        for start in range(0, len(panels), _COLUMNS)
    ]
    columns = max(len(panels) for _, panels in lines)
    size = _PANEL_INCHES[0] * columns, _PANEL_INCHES[1] * len(lines)
    figure = figure_module.Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(lines), columns, squeeze=False)
    models = list(dict.fromkeys(row.model for row in report.summary))
    for row_number, (dataset, panels) in enumerate(lines):
        for column in range(columns):
            axis = axes[row_number][column]
            if column >= len(panels):
                axis.set_axis_off()
                continue
            _draw(axis, by_dataset[dataset], panels[column], models)
            axis.set_title(f"{dataset}, {degradation}" if degradation else dataset)
    # Models that are missing in the first panel would be missing in its legend.
    handles = [axes[0][0].plot([], [], **_style(models.index(m)), label=m)[0] for m in models]
    figure.legend(handles=handles, loc="outside lower center", ncols=6, fontsize="small")
    figure.savefig(folder / FILE_NAME, dpi=110)


def _panels(rows: Sequence[SummaryRow]) -> list[tuple[str, str]]:
    """Return the (horizontal, vertical) of each panel: "scale" or a metric's name."""
    names = {row.metric for row in rows}
    metrics = [name for name in METRICS if name in names]
    panels = [("scale", name) for name in metrics]
    distances = [name for name in metrics if METRICS[name].is_perceptual]
    return panels + [
        (distance, name)
        for distance in distances
        for name in metrics
        if name in ("psnr-rgb", "psnr-y")
    ]


def _draw(
    axis: Any, rows: Sequence[SummaryRow], panel: tuple[str, str], models: Sequence[str]
) -> None:
    horizontal, vertical = panel
    for number, model in enumerate(models):
        values = {r.scale: r.mean for r in rows if r.model == model and r.metric == vertical}
        others = {r.scale: r.mean for r in rows if r.model == model and r.metric == horizontal}
        scales = sorted(values if horizontal == "scale" else values.keys() & others.keys())
        x = scales if horizontal == "scale" else [others[scale] for scale in scales]
        axis.plot(x, [values[scale] for scale in scales], **_style(number))
        if horizontal != "scale":
            for scale, at in zip(scales, x, strict=True):
                label = f"x{scale:g}"
                axis.annotate(label, (at, values[scale]), fontsize=6, alpha=0.7)
    axis.set_xlabel("scale" if horizontal == "scale" else METRICS[horizontal].title)
    axis.set_ylabel(METRICS[vertical].title)
    axis.grid(alpha=0.3)


def _style(number: int) -> dict[str, Any]:
    """Return a line that differs from nineteen others, also without colours."""
    return {
        "color": f"C{number % 10}",
        "linestyle": ("-", "--")[number // 10 % 2],
        "marker": "osv^Dp*Xhd"[number % 10],
        "markersize": 4,
    }


def _matplotlib() -> Any:
    """Return the module of figures; this one draws to files and opens no window."""
    try:
        return importlib.import_module("matplotlib.figure")
    except ImportError as error:
        raise LiifganError(
            f"{FILE_NAME} needs the package 'matplotlib' ({error}); install it with "
            "'pip install matplotlib' or 'pip install \"liifgan[eval]\"'"
        ) from error
