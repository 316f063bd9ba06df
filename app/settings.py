"""What the app remembers between starts, as strict TOML in the user's configuration folder."""

import logging
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import tomli_w

from liifgan_core.files.whole import write_whole
from liifgan_core.images.read import DEFAULT_MAX_PIXELS, DEFAULT_MEMORY_BYTES
from liifgan_core.render.export_options import MAX_DETAIL

MAX_RECENT = 10
WhileZooming = Literal["auto", "quick", "chosen"]

_logger = logging.getLogger(__name__)


class AppSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings. The window's geometry is Qt's own affair, in `window.ini` beside them."""

    device: str = "auto"
    """"auto", "cpu", "cuda:1", ..."""
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    memory_mb: Annotated[int, msgspec.Meta(ge=128)] = 1024
    """Bound for what is kept of the open photo: features and rendered tiles."""
    export_memory_mb: Annotated[int, msgspec.Meta(ge=512)] = DEFAULT_MEMORY_BYTES // 2**20
    """Bound of the process while it reads a photo and exports it."""
    max_megapixels: Annotated[int, msgspec.Meta(ge=1)] = DEFAULT_MAX_PIXELS // 10**6 + 1
    """Photos that say they are larger are not read."""
    while_zooming: WhileZooming = "auto"
    """What draws while the view moves: a quick model before the chosen one, or only that; "auto" is
    a quick one where there is no fast GPU."""
    language: Literal["system", "en", "de"] = "system"
    theme: Literal["system", "light", "dark"] = "system"
    """Colours of the app; around the picture it is dark in all of them."""
    recent: tuple[str, ...] = ()
    """Photos opened of late, the latest first; MAX_RECENT at most."""
    compare: Literal["single", "side", "wipe", "blink", "difference"] = "wipe"
    model: str = ""
    """Name of the model that was chosen last; empty: the default."""
    detail: Annotated[float, msgspec.Meta(ge=0.0, le=MAX_DETAIL)] | None = None
    """Detail strength that was chosen last; None: the one that a model's makers advise."""
    size_rule: str = "scale 2"
    """The size rule that was chosen last, as `target_rule.rule_text` writes it."""
    size_presets: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    """Size rules under names of the user's own."""
    export_format: str = "png"
    export_quality: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    """None is the format's default."""
    export_bit_depth: Literal[8, 10, 12, 16, 32] | None = None
    """None: as deep as the photo, as far as the format has it."""
    export_folder: str = ""
    """Empty: beside the photo."""
    export_subfolder: str = ""
    """Below that folder; empty: in it."""
    export_name: str = "{stem}_{factor}x_{model}"
    """Template of file names, without the ending."""
    batch_folder: str = ""
    """Where results of batches go."""
    export_keeps_metadata: bool = True
    """Whether exported files carry the photo's EXIF and XMP."""
    export_names_program: bool = True
    """Whether exported files say which program made them."""

    @property
    def export_memory_bytes(self) -> int:
        """`export_memory_mb` in bytes."""
        return self.export_memory_mb * 2**20

    @property
    def max_pixels(self) -> int:
        """`max_megapixels` in pixels."""
        return self.max_megapixels * 10**6


def load_settings(path: Path) -> AppSettings:
    """Return the settings in a file; the defaults where there is none.

    Of a file of another version what this one understands is taken, each setting for itself. A file
    that cannot be used, or not all of it, is kept beside as `.broken`, with a logged warning.
    """
    try:
        content = path.read_bytes()
        written = msgspec.toml.decode(content, type=dict[str, Any])
    except FileNotFoundError:
        return AppSettings()
    except (OSError, msgspec.DecodeError) as error:
        _logger.warning("%s cannot be used (%s): starting with the defaults", path, error)
        try:
            path.replace(path.with_suffix(".broken"))
        except OSError as keep_error:
            _logger.warning("%s cannot be kept: %s", path, keep_error)
        return AppSettings()
    taken: dict[str, Any] = {}
    for name, value in written.items():
        try:
            taken[name] = getattr(msgspec.convert({name: value}, AppSettings), name)
        except msgspec.ValidationError as error:
            _logger.warning("%s: %s = %r is left out (%s)", path, name, value, error)
    if taken.keys() != written.keys():
        _keep_copy(path.with_suffix(".broken"), content)
    return AppSettings(**taken)


def _keep_copy(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        _logger.warning("%s cannot be written: %s", path, error)


def save_settings(path: Path, settings: AppSettings) -> None:
    """Write the settings; the file appears whole or not at all. Raises OSError."""
    known = {
        name: value for name, value in msgspec.to_builtins(settings).items() if value is not None
    }
    write_whole(path, tomli_w.dumps(known).encode())


def with_recent(settings: AppSettings, path: Path) -> AppSettings:
    """Return the settings with a photo at the head of the recent ones."""
    name = str(path.absolute())
    others = [known for known in settings.recent if known != name]
    return msgspec.structs.replace(settings, recent=(name, *others)[:MAX_RECENT])
