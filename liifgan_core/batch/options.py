"""What is the same for all photos of a batch: the one struct of command line, app and workers."""

import dataclasses
import hashlib
from dataclasses import dataclass
from typing import Literal

import liifgan_core
from liifgan_core.batch.exporter import Exporter
from liifgan_core.batch.names import Output
from liifgan_core.batch.paths import identity, path_to_text
from liifgan_core.images.auto_mask import AutoMask, auto_mask
from liifgan_core.images.detail_mask import DetailMask
from liifgan_core.images.formats import Format
from liifgan_core.images.image import Image
from liifgan_core.images.read import DEFAULT_MAX_PIXELS, DEFAULT_MEMORY_BYTES
from liifgan_core.render.export_options import ExportOptions
from liifgan_core.sizing import SizeRule

Existing = Literal["keep", "skip", "replace"]
"""What to do where a file is in a result's way: fail, leave it without an error, replace it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOptions:
    """The options of one batch, understood and checked."""

    rule: SizeRule
    output: Output
    model: str | None = None
    """Name or file; None: the best installed."""
    device: str = "auto"
    precision: str = "auto"
    detail: float = 1.0
    """Strength of the detail layer."""
    detail_mask: DetailMask | AutoMask | None = None
    """Strength at each place of a photo, times `detail`; by name: computed from each photo."""
    bit_depth: int | None = None
    """None: that of the photo, as far as the format has it."""
    quality: int | None = None
    """1 to 100; where formats are mixed, for those that have one."""
    strip_metadata: bool = False
    names_program: bool = True
    """Whether files say which program made them, unless metadata are left out."""
    has_pyramid: bool = False
    """Whether smaller versions are stored along; where formats are mixed, in TIFFs."""
    existing: Existing = "keep"
    resume: bool = False
    """Whether what the manifest says is done is left, and its own older results are replaced."""
    max_pixels: int = DEFAULT_MAX_PIXELS
    memory_bytes: int = DEFAULT_MEMORY_BYTES

    def fingerprint(self, exporter: Exporter) -> str:
        """Return a short text that differs when anything beside the photo decides other results."""
        settings = {
            "rule": self.rule,
            "output": path_to_text(identity(self.output.path)),
            "format": self.output.format,
            "name": self.output.name,
            "keeps_tree": self.output.keeps_tree,
            "detail": self.detail if exporter.has_detail else None,
            **self._mask_setting(exporter),
            "bit_depth": self.bit_depth,
            "quality": self.quality,
            "strip_metadata": self.strip_metadata,
            "names_program": self.names_program,
            "has_pyramid": self.has_pyramid,
            "model": exporter.sha256,
            "number_format": exporter.number_format,
        }
        text = "\n".join(f"{name}={value!r}" for name, value in settings.items())
        return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]

    @property
    def mask_name(self) -> str | None:
        """What to call the mask in records: the automatic one's name, or the content's digest."""
        mask = self.detail_mask
        return mask.digest if isinstance(mask, DetailMask) else mask

    def _mask_setting(self, exporter: Exporter) -> dict[str, str]:
        # Without a mask there is no word of it, so that older manifests still hold.
        name = self.mask_name if exporter.has_detail else None
        return {} if name is None else {"detail_mask": name}

    def mask_for(self, image: Image) -> DetailMask | None:
        """Return a photo's mask, computed from it or checked; raises MaskError if none for it."""
        mask = self.detail_mask
        if mask is None:
            return None
        if not isinstance(mask, DetailMask):
            return auto_mask(image, mask)
        mask.check_fits(image.size)
        return mask

    def export_options(
        self,
        chosen: Format,
        bit_depth: int,
        *,
        replaces: bool,
        detail_mask: DetailMask | None = None,
    ) -> ExportOptions:
        """Return how one result is written; what its format lacks is left out of mixed ones.

        `detail_mask` is the photo's (`mask_for`).
        """
        is_mixed = self.output.is_mixed
        return ExportOptions(
            format=chosen.name,
            bit_depth=bit_depth,
            quality=self.quality if chosen.is_lossy or not is_mixed else None,
            overwrite=replaces,
            detail=self.detail,
            detail_mask=detail_mask,
            software=f"LIIF-GAN {liifgan_core.__version__}" if self.names_program else None,
            strip_metadata=self.strip_metadata,
            dpi=self.rule.dpi,
            has_pyramid=self.has_pyramid and (chosen.name == "tiff" or not is_mixed),
            memory_bytes=self.memory_bytes,
        )

    def at_absolute_paths(self) -> "BatchOptions":
        """Return the options for a process with another current folder."""
        output = dataclasses.replace(self.output, path=self.output.path.absolute())
        return dataclasses.replace(self, output=output)
