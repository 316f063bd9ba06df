"""What a batch asks of whatever renders: torch stays behind it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from liifgan_core.errors import LiifganError
from liifgan_core.images.image import Image
from liifgan_core.progress import CancelToken, Progress
from liifgan_core.render.export_options import ExportOrder, ExportReport


class Exporter(Protocol):
    """One model that is loaded, and writes files with it."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    @property
    def sha256(self) -> str:
        """SHA-256 of its weights file."""
        ...

    @property
    def device(self) -> str:
        """Where it runs, such as "cuda:0"."""
        ...

    @property
    def has_detail(self) -> bool:
        """Whether the detail strength changes results."""
        ...

    @property
    def number_format(self) -> str:
        """What it draws in, as far as that decides the bytes of results."""
        ...

    def export_all(
        self,
        image: Image,
        orders: Sequence[ExportOrder],
        *,
        progress: Progress,
        cancel: CancelToken | None,
    ) -> list[ExportReport | LiifganError]:
        """Write several files of `image`, each whole or not at all, from one encoding.

        Returns what each took, or why it was not written. Raises Cancelled.
        """
        ...


OpenExporter = Callable[[str | None, str, str], Exporter]
"""(model or None for the best, device, precision) -> exporter. Takes seconds."""
