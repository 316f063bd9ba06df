"""How results are written and called: format, quality, depth, folder and names; remembered.

The panel sets them, exports and the queue read them. Size, model and detail strength are choices
for a photo and lie elsewhere (`size_choice.py`, `document.py`).
"""

from pathlib import Path, PureWindowsPath
from string import Formatter

from PySide6.QtCore import QObject, QStandardPaths, Signal

import liifgan_core
from app.state.settings_store import SettingsStore
from liifgan_core.batch import names
from liifgan_core.batch.names import check_template
from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.images.detail_mask import DetailMask
from liifgan_core.images.formats import Format, format_by_name, result_depth
from liifgan_core.render.export_options import ExportOptions
from liifgan_core.resources import resource_path
from liifgan_core.sizing import factor_text

FIELDS = tuple(field for field in names.FIELDS if field != "preset")
"""What a template of names may have in braces."""


class ExportOptionsModel(QObject):
    """The options for the next exports, kept in the settings. Main thread.

    Reads and sets plain values; what follows for one photo, `target` and `for_export` say.
    """

    changed = Signal()

    def __init__(self, store: SettingsStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._shown = self._values()
        store.changed.connect(self._tell)

    @property
    def format(self) -> Format:
        """The format of results."""
        return format_by_name(self._store.settings.export_format)

    @property
    def quality(self) -> int | None:
        """1 to 100 for lossy formats; None for the others."""
        chosen, kept = self.format, self._store.settings.export_quality
        if not chosen.is_lossy:
            return None
        return chosen.default_quality if kept is None else kept

    @property
    def bit_depth(self) -> int | None:
        """Bits per sample that are asked for; None: as the photo."""
        return self._store.settings.export_bit_depth

    @property
    def folder(self) -> Path | None:
        """Where results go; None: beside their photos."""
        folder = self._store.settings.export_folder
        return Path(folder).expanduser() if folder else None

    @property
    def subfolder(self) -> str:
        """Folder below that one; empty: none."""
        return self._store.settings.export_subfolder

    @property
    def name(self) -> str:
        """Template of file names, without the ending; its fields are FIELDS."""
        return self._store.settings.export_name

    @property
    def keeps_metadata(self) -> bool:
        """Whether results carry the photo's EXIF, XMP and texts."""
        return self._store.settings.export_keeps_metadata

    @property
    def names_program(self) -> bool:
        """Whether results say which program made them."""
        return self._store.settings.export_names_program

    def set_format(self, name: str) -> None:
        """Choose the format by its name; raises ImageWriteError for one that is not written."""
        if not format_by_name(name).can_write:
            raise ImageWriteError(f"{name.upper()} can be read but not written")
        self._store.change(export_format=name)

    def set_quality(self, quality: int) -> None:
        """Choose the quality of lossy formats, 1 to 100."""
        self._store.change(export_quality=quality)

    def set_bit_depth(self, bits: int | None) -> None:
        """Choose the bits per sample; None: as the photo."""
        self._store.change(export_bit_depth=bits)

    def set_folder(self, folder: Path | None) -> None:
        """Choose where results go; None: beside their photos."""
        self._store.change(export_folder="" if folder is None else str(folder))

    def set_subfolder(self, name: str) -> None:
        """Choose a folder below; raises ImageWriteError for what would lead out of it."""
        check_subfolder(name)
        self._store.change(export_subfolder=name.strip())

    def set_name(self, template: str) -> None:
        """Choose the template of names; raises ImageWriteError as `check_name`."""
        check_name(template)
        self._store.change(export_name=template.strip())

    def set_keeps_metadata(self, keeps: bool) -> None:
        """Choose whether results carry the photo's metadata."""
        self._store.change(export_keeps_metadata=keeps)

    def set_names_program(self, names: bool) -> None:
        """Choose whether results say which program made them."""
        self._store.change(export_names_program=names)

    def folder_for(self, photo: Path | None) -> Path:
        """Return the folder of a photo's result; it need not exist.

        None stands for a picture without a file. Its results, and those of the app's samples, go to
        the user's pictures unless a folder is chosen.
        """
        is_users = photo is not None and not photo.is_relative_to(resource_path("samples"))
        beside = photo.absolute().parent if photo is not None and is_users else pictures_folder()
        return (self.folder or beside) / self.subfolder

    def target(
        self, photo: Path | None, *, stem: str, photo_size: Size, size: Size, model: str
    ) -> Path:
        """Return the file that a result would have by folder, template and format.

        `stem` stands for the name of a picture without a file. Whether the path is free is the
        exporter's to find out.
        """
        stem = stem if photo is None else photo.stem
        name = file_name(
            self.name,
            stem=stem,
            photo_size=photo_size,
            size=size,
            format=self.format.name,
            model=model,
        )
        return self.folder_for(photo) / (name + self.format.suffixes[0])

    def for_export(
        self,
        photo_bits: int,
        *,
        detail: float,
        detail_mask: DetailMask | None = None,
        dpi: float | None = None,
        overwrite: bool = False,
    ) -> ExportOptions:
        """Return the core's options for a photo of so many bits per sample.

        A depth that the format lacks is replaced by the photo's, as far as the format has it.
        """
        chosen = self.format
        asked = self.bit_depth
        depth = asked if asked in chosen.depths else result_depth(chosen, photo_bits)
        return ExportOptions(
            format=chosen.name,
            bit_depth=depth,
            quality=self.quality,
            overwrite=overwrite,
            detail=detail,
            detail_mask=detail_mask,
            software=f"LIIF-GAN {liifgan_core.__version__}" if self.names_program else None,
            strip_metadata=not self.keeps_metadata,
            dpi=dpi,
        )

    def _values(self) -> tuple[object, ...]:
        settings = self._store.settings
        return tuple(
            getattr(settings, name)
            for name in type(settings).__struct_fields__
            if name.startswith("export_")
        )

    def _tell(self) -> None:
        values = self._values()
        if values != self._shown:
            self._shown = values
            self.changed.emit()


def pictures_folder() -> Path:
    """Return the user's folder of pictures; where the desktop names none, the home folder."""
    return Path(
        QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        or Path.home()
    )


def check_name(template: str) -> None:
    """Raise ImageWriteError for a template with unknown fields, or whose names are no file names.

    As the command line's `--name`, but for {preset}: a size here need not come from one.
    """
    check_template(template)
    if any(field == "preset" for _, field, _, _ in Formatter().parse(template)):
        raise ImageWriteError(
            f"{template!r}: there is no {{preset}} here; use {{factor}} or {{size}}"
        )


def check_subfolder(name: str) -> None:
    """Raise ImageWriteError for a name that is no single folder below another one."""
    bare = name.strip()
    if _has_slash(bare) or bare in (".", "..") or "\0" in bare or PureWindowsPath(bare).drive:
        raise ImageWriteError(
            f"{name!r} is no name of a folder; leave out slashes, colons and dots"
        )


def file_name(
    template: str, *, stem: str, photo_size: Size, size: Size, format: str, model: str
) -> str:
    """Return the name, without its ending, that a template gives; it must have passed
    `check_name`."""
    values: dict[str, object] = {"stem": stem, "format": format, "model": model}
    values |= {"width": size.width, "height": size.height, "size": str(size)}
    return template.format_map(values | {"factor": factor_text(photo_size, size)})


def _has_slash(text: str) -> bool:
    return "/" in text or "\\" in text
