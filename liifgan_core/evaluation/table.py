"""`table.md`: the means, laid out like table 1 of the LIIF-GAN paper."""

from collections.abc import Mapping, Sequence, Set

from liifgan_core.evaluation.degradation import LEGEND
from liifgan_core.evaluation.measures import METRICS, ORIGINAL, SECONDS, MetricInfo
from liifgan_core.evaluation.records import Report, SummaryRow
from liifgan_core.weights.trunks import NETWORKS

FILE_NAME = "table.md"
_GAN_MARK = "†"
_NONE = "N/A"
_SIGNS = {"higher": "↑", "lower": "↓", "original": "≈"}


def table_text(report: Report) -> str:
    """Return the report as Markdown, a section per data set.

    A row is a model's metric, a column a scale. The best of a column is bold, the best GAN marked.
    A mean over fewer images than others' says so and is never the best.
    """
    protocol = (
        f'Protocol "{report.protocol.name}": PSNR and SSIM leave out a border of '
        f"{report.protocol.border} pixels (rounded up) at each side, texture and grid figures 8 "
        f"pixels, other metrics see the whole picture; {report.protocol.reduction}."
    )
    degradation = report.protocol.degradation
    if degradation:
        protocol += f" Then LR pictures were degraded: {degradation} ({LEGEND})."
    marks = (
        f"Means over the images. **Bold**: the best. {_GAN_MARK}: the best of the networks that "
        f"were trained against a discriminator, where that is known. {_NONE}: not measured; "
        "networks of a fixed factor have nothing below it, and beyond it their input is first "
        "resized by bicubic."
    )
    if any(METRICS[row.metric].better == "original" for row in report.summary):
        marks += f' ≈: the best is the nearest to the row "{ORIGINAL}", the originals themselves.'
    lines = ["# Evaluation", "", protocol, "", marks]
    for dataset in dict.fromkeys(row.dataset for row in report.summary):
        rows = [row for row in report.summary if row.dataset == dataset]
        heading = f"## {dataset} ({max(row.n for row in rows)} images)"
        heading += f", degraded by {degradation}" if degradation else ""
        lines += ["", heading, "", *_section(rows, frozenset(report.gans))]
    if report.skipped:
        lines += ["", "## Left out", ""]
        for skip in report.skipped:
            where = f"{skip.dataset}/{skip.image}"
            where += "" if skip.scale is None else f" x{skip.scale:g}"
            about = ", ".join(name for name in (skip.model, skip.metric) if name is not None)
            lines.append(f"- {where}{f' ({about})' if about else ''}: {skip.reason}")
    versions = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    return "\n".join([*lines, "", f"Measured with {versions}.", ""])


def _title(model: str) -> str:
    """Return what a row is called: networks of others by their titles, all else by its label."""
    return NETWORKS[model].title if model in NETWORKS else model


def _section(rows: Sequence[SummaryRow], gans: Set[str]) -> list[str]:
    scales = sorted({row.scale for row in rows})
    models = list(dict.fromkeys(row.model for row in rows))
    names = {row.metric for row in rows}
    metrics = [info for name, info in METRICS.items() if name in names]
    found = {(row.model, row.metric, row.scale): row for row in rows}
    marks = {
        (metric.name, scale): _best(
            metric, {m: found.get((m, metric.name, scale)) for m in models}, gans
        )
        for metric in metrics
        for scale in scales
    }
    lines = [
        "| model | metric | " + " | ".join(f"x{scale:g}" for scale in scales) + " |",
        "|---|---|" + "---:|" * len(scales),
    ]
    for model in models:
        for metric in metrics:
            cells = [
                _cell(
                    found.get((model, metric.name, scale)),
                    metric,
                    marks[metric.name, scale],
                    is_gan=model in gans,
                )
                for scale in scales
            ]
            if any(cell != _NONE for cell in cells):
                sign = _SIGNS[metric.better]
                lines.append(f"| {_title(model)} | {metric.title} {sign} | {' | '.join(cells)} |")
    return lines


class _Marks:
    """Whose values are the best of a column, as they are printed: equal figures are all best."""

    def __init__(self, most: int, best: str | None, best_gan: str | None) -> None:
        self.most, self.best, self.best_gan = most, best, best_gan


def _best(metric: MetricInfo, by_model: Mapping[str, SummaryRow | None], gans: Set[str]) -> _Marks:
    rows = {model: row for model, row in by_model.items() if row is not None}
    original = rows.pop(ORIGINAL, None)
    most = max((row.n for row in (*rows.values(), original) if row is not None), default=0)
    comparable = {model: row.mean for model, row in rows.items() if row.n == most}
    is_judged = metric.better != "original" or (original is not None and original.n == most)
    if metric.name == SECONDS or not is_judged:
        # A row that does nothing is not the best in time.
        return _Marks(most, None, None)

    def badness(value: float) -> float:
        if metric.better == "original":
            assert original is not None, "checked above"
            return abs(value - original.mean)
        return -value if metric.better == "higher" else value

    best = min(comparable.values(), key=badness, default=None)
    of_gans = (value for model, value in comparable.items() if model in gans)
    best_gan = min(of_gans, key=badness, default=None)
    return _Marks(most, _number(best, metric), _number(best_gan, metric))


def _number(value: float | None, metric: MetricInfo) -> str | None:
    return None if value is None else f"{value:.{metric.decimals}f}"


def _cell(row: SummaryRow | None, metric: MetricInfo, marks: _Marks, *, is_gan: bool) -> str:
    if row is None:
        return _NONE
    text = f"{row.mean:.{metric.decimals}f}"
    if row.n < marks.most:
        return f"{text} (n={row.n})"
    if row.model == ORIGINAL:
        return text
    is_best_gan = text == marks.best_gan and is_gan
    marked = f"**{text}**" if text == marks.best else text
    return marked + (_GAN_MARK if is_best_gan else "")
