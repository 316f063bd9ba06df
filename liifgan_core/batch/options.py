"""What is the same for all photos of a batch: the one struct of command line, app and workers."""

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import liifgan_core
from liifgan_core.batch.exporter import Exporter
from liifgan_core.batch.names import Output
from liifgan_core.batch.paths import identity, path_to_text
from liifgan_core.batch.wanted import NamedRule, Wanted
from liifgan_core.images.auto_mask import AutoMask, auto_mask
from liifgan_core.images.detail_mask import DetailMask
from liifgan_core.images.formats import Format
from liifgan_core.images.image import Image
from liifgan_core.images.metadata.enlarged import Shown
from liifgan_core.images.read import DEFAULT_MAX_PIXELS, DEFAULT_MEMORY_BYTES
from liifgan_core.render.export_options import Colour, ExportOptions
from liifgan_core.warp import AS_IT_IS, Geometry

Existing = Literal["keep", "skip", "replace"]
"""What to do where a file is in a result's way: fail, leave it without an error, replace it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOptions:
    """The options of one batch, understood and checked."""

    rules: tuple[NamedRule, ...]
    """The sizes of each photo's results, which are made from one encoding; at least one."""
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
    """1 to 100; where formats are mixed, for those that lose something by default, so that JPEG XL
    stays lossless there."""
    qualities: Mapping[str, int] = field(default_factory=dict)
    """By format, in place of `quality`."""
    strip_metadata: bool = False
    names_program: bool = True
    """Whether files say which program made them, unless metadata are left out."""
    is_consistent: bool = False
    """Whether results, reduced, shall give their photos back (`render/consistency.py`)."""
    has_invented_map: bool = False
    """Whether a map of what was invented is written beside each result."""
    has_pyramid: bool = False
    """Whether smaller versions are stored along; where formats are mixed, in TIFFs."""
    geometry: Geometry = AS_IT_IS
    """What is done to every photo's geometry; rules are for the frame that comes out."""
    background: Colour | None = None
    """Beyond the photo; see `ExportOptions`."""
    existing: Existing = "keep"
    resume: bool = False
    """Whether what the manifest says is done is left, and its own older results are replaced."""
    max_pixels: int = DEFAULT_MAX_PIXELS
    memory_bytes: int = DEFAULT_MEMORY_BYTES

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """The files that are made of each photo, maps behind their pictures."""
        shown: tuple[Shown, ...] = (
            ("picture", "invented") if self.has_invented_map else ("picture",)
        )
        return tuple(Wanted(named, shows) for named in self.rules for shows in shown)

    def fingerprint(self, exporter: Exporter, wanted: Wanted) -> str:
        """Return a short text that differs when anything beside the photo decides another result.

        It is that of one of the files of a photo, so that what one batch has made of several sizes
        is known to a batch of one of them.
        """
        settings: dict[str, object] = {
            "rule": wanted.rule,
            "output": path_to_text(identity(self.output.path)),
            "format": self.output.format,
            "name": self.output.name,
            "keeps_tree": self.output.keeps_tree,
            "detail": self.detail if exporter.has_detail else None,
            "bit_depth": self.bit_depth,
            "quality": (self.quality, *sorted(self.qualities.items())),
            "strip_metadata": self.strip_metadata,
            "names_program": self.names_program,
            "has_pyramid": self.has_pyramid,
            "model": exporter.sha256,
            "number_format": exporter.number_format,
        }
        # Only where they are there, so that what was done before they were known counts.
        if "{preset}" in self.output.name:
            settings["preset"] = wanted.named.preset
        if exporter.has_detail and self.mask_name is not None:
            settings["detail_mask"] = self.mask_name
        if not self.geometry.is_identity:
            settings["geometry"] = self.geometry
            if wanted.shows == "picture":
                settings["background"] = self.background
        if wanted.shows != "picture":
            settings["shows"] = wanted.shows
        elif self.is_consistent:
            settings["is_consistent"] = True
        text = "\n".join(f"{name}={value!r}" for name, value in settings.items())
        return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]

    @property
    def mask_name(self) -> str | None:
        """What to call the mask in records: the automatic one's name, or the content's digest."""
        mask = self.detail_mask
        return mask.digest if isinstance(mask, DetailMask) else mask

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
        wanted: Wanted,
        chosen: Format,
        bit_depth: int,
        *,
        replaces: bool,
        detail_mask: DetailMask | None = None,
    ) -> ExportOptions:
        """Return how one result is written; what its format lacks is left out of mixed ones.

        `detail_mask` is the photo's (`mask_for`).
        """
        is_picture = wanted.shows == "picture"
        is_mixed = self.output.is_mixed or not is_picture
        return ExportOptions(
            format=chosen.name,
            bit_depth=bit_depth,
            quality=self._quality(chosen, is_mixed=is_mixed),
            overwrite=replaces,
            detail=self.detail,
            detail_mask=detail_mask,
            software=f"LIIF-GAN {liifgan_core.__version__}" if self.names_program else None,
            strip_metadata=self.strip_metadata,
            dpi=wanted.rule.dpi,
            has_pyramid=self.has_pyramid and (chosen.name == "tiff" or not is_mixed),
            memory_bytes=self.memory_bytes,
            shows=wanted.shows,
            is_consistent=self.is_consistent and is_picture,
            geometry=self.geometry,
            background=self.background,
        )

    def _quality(self, chosen: Format, *, is_mixed: bool) -> int | None:
        """Return the quality that is asked for one format, None for its default."""
        if chosen.name in self.qualities:
            return self.qualities[chosen.name]
        is_meant = not is_mixed or (chosen.is_lossy and not chosen.is_lossless_by_default)
        return self.quality if is_meant else None

    def at_absolute_paths(self) -> "BatchOptions":
        """Return the options for a process with another current folder."""
        output = dataclasses.replace(self.output, path=self.output.path.absolute())
        return dataclasses.replace(self, output=output)
