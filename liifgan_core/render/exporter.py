"""A model that writes files, as batches and exports are given it."""

from collections.abc import Sequence

from liifgan_core.errors import LiifganError
from liifgan_core.images.image import Image
from liifgan_core.progress import CancelToken, Progress
from liifgan_core.render.export import export_images
from liifgan_core.render.export_options import ExportOrder, ExportReport
from liifgan_core.render.placed_model import PlacedModel, load_model


class ModelExporter:
    """One model on one device; see `liifgan_core.batch.exporter.Exporter`. Not between threads."""

    def __init__(self, model: PlacedModel, *, precision: str) -> None:
        """`precision` is what was asked for; "auto" draws deep results in float32."""
        self.model = model
        self.name = model.info.name
        self.sha256 = model.info.sha256
        self.device = str(model.device)
        self.has_detail = model.has_detail
        is_mixed = precision == "auto" and model.precision != "fp32"
        self.number_format = f"{model.precision} up to 8 bits" if is_mixed else model.precision

    def export_all(
        self,
        image: Image,
        orders: Sequence[ExportOrder],
        *,
        progress: Progress,
        cancel: CancelToken | None,
    ) -> list[ExportReport | LiifganError]:
        """Render and write several files from one encoding; see `export_images`."""
        return export_images(image, orders, self.model, progress=progress, cancel=cancel)


def open_exporter(
    model: str | None = None,
    *,
    device: str = "auto",
    precision: str = "auto",
    resolved: str | None = None,
) -> ModelExporter:
    """Load a model to export with; see `load_model`. Takes seconds."""
    placed = load_model(model, device=device, precision=precision, resolved=resolved)
    return ModelExporter(placed, precision=precision)
