"""What `liifgan upscale` was asked to do with every photo."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from liifgan_core.cli.targets import Output
from liifgan_core.sizing import SizeRule


@dataclass(frozen=True, slots=True, kw_only=True)
class UpscaleJob:
    """The options of one run, understood and checked."""

    rule: SizeRule
    output: Output
    model: str | None
    detail: float | None
    device: str
    precision: str
    bit_depth: int | None
    quality: int | None
    strip_metadata: bool
    has_pyramid: bool
    overwrite: bool
    skip_existing: bool
    recursive: bool
    resume: bool
    manifest: Path | None
    """Where the record of the run is kept; None: nowhere."""
    cluster: str | None
    """Address of a Ray cluster, or "local"; None: this process does the work."""
    num_workers: int | None
    max_pixels: int
    memory_bytes: int
    as_json: bool

    def result_settings(self) -> dict[str, object]:
        """Return what decides the bytes of a result, beside photo and model."""
        return {
            "rule": self.rule,
            "output": self.output.path.absolute(),
            "format": self.output.format,
            "name": self.output.name,
            "detail": self.detail,
            "bit_depth": self.bit_depth,
            "quality": self.quality,
            "strip_metadata": self.strip_metadata,
            "has_pyramid": self.has_pyramid,
        }

    def at_absolute_paths(self) -> "UpscaleJob":
        """Return the job for a process with another current folder."""
        output = dataclasses.replace(self.output, path=self.output.path.absolute())
        return dataclasses.replace(self, output=output)
