#!/usr/bin/env python3
"""Plug-in for GIMP 3: the current layer, or what is selected of it, by LIIF-GAN at any size.

The work is done by `liifgan serve`, which must run. Filters > Enhance > Upscale with LIIF-GAN.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("GimpUi", "3.0")
from gi.repository import Gimp, GimpUi, Gio, GLib, GObject  # noqa: E402

# GIMP starts this file by its path; its folder is where the other two lie.
sys.path.insert(0, str(Path(__file__).resolve().parent))
from upscaling import ServiceError, options_of, upscale  # noqa: E402

_NAME = "plug-in-liifgan-upscale"


class Upscale(Gimp.PlugIn):
    """The plug-in, as GIMP asks for it: one process for each run."""

    def do_query_procedures(self):
        return [_NAME]

    def do_set_i18n(self, _name):
        return False

    def do_create_procedure(self, name):
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, _run, None)
        procedure.set_image_types("RGB*, GRAY*")
        procedure.set_sensitivity_mask(Gimp.ProcedureSensitivityMask.DRAWABLE)
        procedure.set_menu_label("Upscale with LIIF-GAN...")
        procedure.add_menu_path("<Image>/Filters/Enhance")
        procedure.set_documentation(
            "Upscale the layer, or what is selected of it",
            "Sends the pixels with 16 bits to a LIIF-GAN service on this machine (liifgan serve), "
            "and opens the result as an image, or as a layer above.",
            name,
        )
        procedure.set_attribution("LIIF-GAN developers", "BSD-3-Clause", "2026")
        flags = GObject.ParamFlags.READWRITE
        procedure.add_double_argument(
            "scale", "_Factor", "Result side / side here", 0.1, 32.0, 2.0, flags
        )
        procedure.add_int_argument(
            "width", "_Width", "In pixels; 0: by the factor", 0, 262144, 0, flags
        )
        procedure.add_double_argument(
            "detail", "_Detail", "Strength of the detail layer", 0.0, 2.0, 1.0, flags
        )
        procedure.add_string_argument(
            "model", "_Model", "As 'liifgan models' calls it; empty: the default", "", flags
        )
        procedure.add_boolean_argument(
            "as-layer", "As a _layer", "Above this one, in place of a new image", False, flags
        )
        return procedure


def _run(procedure, run_mode, image, drawables, config, _data):
    if len(drawables) != 1:
        return _ended(procedure, Gimp.PDBStatusType.CALLING_ERROR, "Select one layer.")
    if run_mode == Gimp.RunMode.INTERACTIVE and not _confirmed(procedure, config):
        return _ended(procedure, Gimp.PDBStatusType.CANCEL, "")
    values = ("scale", "width", "detail", "model")
    options = options_of(**{name: config.get_property(name) for name in values})
    Gimp.progress_init("Upscaling with LIIF-GAN")
    try:
        with tempfile.TemporaryDirectory() as folder:
            photo, result = Path(folder, "layer.png"), Path(folder, "result.png")
            place = _export(image, drawables[0], photo)
            upscale(photo, result, options, Gimp.progress_update)
            if config.get_property("as-layer"):
                _insert(image, drawables[0], result, place)
            else:
                Gimp.Display.new(Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, _file(result)))
    except (ServiceError, OSError) as error:
        return _ended(procedure, Gimp.PDBStatusType.EXECUTION_ERROR, str(error))
    finally:
        Gimp.progress_end()
    Gimp.displays_flush()
    return _ended(procedure, Gimp.PDBStatusType.SUCCESS, "")


def _confirmed(procedure, config):
    GimpUi.init(_NAME)
    dialog = GimpUi.ProcedureDialog.new(procedure, config, "Upscale with LIIF-GAN")
    dialog.fill(None)
    is_confirmed = dialog.run()
    dialog.destroy()
    return is_confirmed


def _export(image, drawable, target):
    """Write the drawable, as far as it is selected, as PNG of 16 bits; returns its (x, y).

    Through an image of its own, so that neither the user's image nor the clipboard changes.
    """
    is_any, x, y, width, height = drawable.mask_intersect()
    if not is_any:
        raise ServiceError("nothing of the layer is selected; select a part of it, or nothing")
    copy = Gimp.Image.new_with_precision(
        width, height, image.get_base_type(), Gimp.Precision.U16_NON_LINEAR
    )
    try:
        profile = image.get_color_profile()
        if profile is not None:
            copy.set_color_profile(profile)
        layer = Gimp.Layer.new_from_drawable(drawable, copy)
        copy.insert_layer(layer, None, 0)
        layer.resize(width, height, -x, -y)
        layer.set_offsets(0, 0)
        export = Gimp.get_pdb().lookup_procedure("file-png-export")
        settings = export.create_config()
        settings.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
        settings.set_property("image", copy)
        settings.set_property("file", _file(target))
        status = export.run(settings).index(0)
    finally:
        copy.delete()
    if status != Gimp.PDBStatusType.SUCCESS:
        raise ServiceError("GIMP cannot write the layer as PNG")
    _, left, top = drawable.get_offsets()
    return left + x, top + y


def _insert(image, drawable, result, place):
    """Put the result above the drawable; its top left corner is where that of the selection is."""
    image.undo_group_start()
    try:
        layer = Gimp.file_load_layer(Gimp.RunMode.NONINTERACTIVE, image, _file(result))
        layer.set_name(f"{drawable.get_name()} (LIIF-GAN)")
        image.insert_layer(layer, drawable.get_parent(), image.get_item_position(drawable))
        layer.set_offsets(*place)
    finally:
        image.undo_group_end()


def _file(path):
    return Gio.File.new_for_path(str(path))


def _ended(procedure, status, message):
    return procedure.new_return_values(status, GLib.Error(message) if message else None)


Gimp.main(Upscale.__gtype__, sys.argv)
