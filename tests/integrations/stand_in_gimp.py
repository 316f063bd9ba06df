"""As much of GIMP 3 as the plug-in uses: images of NumPy arrays behind GObject's names.

GIMP 3 is not to be had where the tests run. Names, orders of arguments and results are those of its
documentation (libgimp 3.0); anything else that a plug-in asks for is an AttributeError.
"""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint16]


class Layer:
    """RGB of 16 bits."""

    def __init__(self, pixels: Pixels, name: str = "Background") -> None:
        self.pixels, self.name = pixels, name
        self.offsets = (0, 0)
        self.selection: tuple[int, int, int, int] | None = None
        """x, y, width, height; None: nothing is selected, so all counts."""

    def mask_intersect(self) -> tuple[bool, int, int, int, int]:
        height, width = self.pixels.shape[:2]
        x, y, wide, high = self.selection or (0, 0, width, height)
        return wide > 0 and high > 0, x, y, wide, high

    def resize(self, width: int, height: int, offset_x: int, offset_y: int) -> bool:
        self.pixels = self.pixels[-offset_y : height - offset_y, -offset_x : width - offset_x]
        return True

    def set_offsets(self, x: int, y: int) -> bool:
        self.offsets = (x, y)
        return True

    def get_offsets(self) -> tuple[bool, int, int]:
        return True, *self.offsets

    def set_name(self, name: str) -> bool:
        self.name = name
        return True

    def get_name(self) -> str:
        return self.name

    def get_parent(self) -> None:
        return None

    @staticmethod
    def new_from_drawable(drawable: "Layer", _image: "Image") -> "Layer":
        return Layer(drawable.pixels.copy(), drawable.name)


class Image:
    """Layers, the topmost first."""

    def __init__(self, precision: str = "u8") -> None:
        self.layers: list[Layer] = []
        self.precision, self.profile = precision, "a profile"
        self.is_deleted = False
        self.undo: list[str] = []

    @staticmethod
    def new_with_precision(_width: int, _height: int, base_type: str, precision: str) -> "Image":
        assert base_type == "RGB"
        image = Image(precision)
        image.profile = ""
        images.append(image)
        return image

    def get_base_type(self) -> str:
        return "RGB"

    def get_color_profile(self) -> str:
        return self.profile

    def set_color_profile(self, profile: str) -> bool:
        self.profile = profile
        return True

    def insert_layer(self, layer: Layer, parent: None, position: int) -> bool:
        assert parent is None
        self.layers.insert(position, layer)
        return True

    def get_item_position(self, layer: Layer) -> int:
        return self.layers.index(layer)

    def delete(self) -> bool:
        self.is_deleted = True
        return True

    def undo_group_start(self) -> bool:
        self.undo.append("start")
        return True

    def undo_group_end(self) -> bool:
        self.undo.append("end")
        return True


images: list[Image] = []
"""Those that the plug-in has made."""
shown: list[Image] = []
progress: list[float] = []
saved: list[Image] = []
"""Those that were exported."""
plug_ins: list[Any] = []


class Config:
    """Properties by name; unknown ones are errors, as GObject's are."""

    def __init__(self, **values: Any) -> None:
        self._values = values

    def get_property(self, name: str) -> Any:
        return self._values[name]

    def set_property(self, name: str, value: Any) -> None:
        assert name in self._values, name
        self._values[name] = value


class _PngExport:
    def create_config(self) -> Config:
        return Config(**{"run-mode": None, "image": None, "file": None})

    def run(self, config: Config) -> Any:
        image = config.get_property("image")
        assert config.get_property("run-mode") == "noninteractive"
        assert image.precision == "u16"
        saved.append(image)
        [layer] = image.layers
        cv2.imwrite(config.get_property("file"), layer.pixels[..., ::-1])
        return SimpleNamespace(index=lambda _: "success")


class Procedure:
    """What a plug-in registers: its arguments by name with (least, most, default)."""

    def __init__(self, run: Any) -> None:
        self.run, self.defaults = run, {}
        self.texts: dict[str, Any] = {}

    @staticmethod
    def new(_plug_in: Any, _name: str, _kind: str, run: Any, _data: None) -> "Procedure":
        return Procedure(run)

    def __getattr__(self, name: str) -> Any:
        known = ("set_image_types", "set_sensitivity_mask", "set_menu_label", "add_menu_path")
        if name in (*known, "set_documentation", "set_attribution"):
            return lambda *values: self.texts.update({name: values})
        if name in ("add_double_argument", "add_int_argument"):
            return lambda key, _nick, _blurb, least, most, default, _flags: self._add(
                key, least, default, most
            )
        if name in ("add_string_argument", "add_boolean_argument"):
            return lambda key, _nick, _blurb, default, _flags: self.defaults.update({key: default})
        raise AttributeError(name)

    def _add(self, key: str, least: float, default: float, most: float) -> None:
        assert least <= default <= most
        self.defaults[key] = default

    def new_return_values(self, status: str, error: Any) -> tuple[str, str]:
        return status, "" if error is None else error.message


class Dialog:
    """Confirms, unless a test says otherwise."""

    is_confirmed = True

    @staticmethod
    def new(_procedure: Procedure, _config: Config, _title: str) -> "Dialog":
        return Dialog()

    def fill(self, _names: None) -> None: ...

    def run(self) -> bool:
        return Dialog.is_confirmed

    def destroy(self) -> None: ...


class _Error(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def _load(_mode: str, file: str) -> Image:
    pixels = cv2.imread(file, cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    image = Image("u16" if pixels.dtype == np.uint16 else "u8")
    image.layers = [Layer(pixels[..., ::-1])]
    return image


def modules() -> dict[str, ModuleType]:
    """Return the modules to be put into `sys.modules`."""
    gimp: Any = ModuleType("gi.repository.Gimp")
    gimp.PlugIn = type("PlugIn", (), {"__gtype__": "gtype"})
    gimp.Image, gimp.Layer, gimp.ImageProcedure = Image, Layer, Procedure
    gimp.PDBProcType = SimpleNamespace(PLUGIN="plug-in")
    gimp.ProcedureSensitivityMask = SimpleNamespace(DRAWABLE="drawable")
    gimp.Precision = SimpleNamespace(U16_NON_LINEAR="u16")
    gimp.RunMode = SimpleNamespace(INTERACTIVE="interactive", NONINTERACTIVE="noninteractive")
    gimp.PDBStatusType = SimpleNamespace(
        SUCCESS="success",
        CANCEL="cancel",
        CALLING_ERROR="calling error",
        EXECUTION_ERROR="execution error",
    )
    gimp.Display = SimpleNamespace(new=shown.append)
    gimp.get_pdb = lambda: SimpleNamespace(lookup_procedure={"file-png-export": _PngExport()}.get)
    gimp.file_load = _load
    gimp.file_load_layer = lambda mode, _image, file: _load(mode, file).layers[0]
    gimp.progress_init = gimp.progress_end = lambda *_: True
    gimp.progress_update = progress.append
    gimp.displays_flush = lambda: None
    gimp.main = lambda gtype, _arguments: plug_ins.append(gtype)
    gimp_ui: Any = ModuleType("gi.repository.GimpUi")
    gimp_ui.init, gimp_ui.ProcedureDialog = (lambda _name: None), Dialog
    gio: Any = ModuleType("gi.repository.Gio")
    gio.File = SimpleNamespace(new_for_path=str)
    glib: Any = ModuleType("gi.repository.GLib")
    glib.Error = _Error
    gobject: Any = ModuleType("gi.repository.GObject")
    gobject.ParamFlags = SimpleNamespace(READWRITE="readwrite")
    repository: Any = ModuleType("gi.repository")
    gi: Any = ModuleType("gi")
    gi.repository, gi.require_version = repository, lambda _name, _version: None
    all_modules = {"gi": gi, "gi.repository": repository}
    for module in (gimp, gimp_ui, gio, glib, gobject):
        setattr(repository, module.__name__.rpartition(".")[2], module)
        all_modules[module.__name__] = module
    return all_modules


def forget() -> None:
    """Forget what was recorded."""
    for record in (images, shown, progress, saved, plug_ins):
        record.clear()
    Dialog.is_confirmed = True
    for name in ("upscaling", "liifgan_client"):
        sys.modules.pop(name, None)
