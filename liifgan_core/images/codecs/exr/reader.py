"""Reads OpenEXR: the colours among its channels, its windows, light without opacity."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import OpenImageIO as oiio

from liifgan_core.errors import ImageReadError
from liifgan_core.geometry import Size
from liifgan_core.images.canvas import Canvas
from liifgan_core.images.codecs import oiio_reader
from liifgan_core.images.codecs.exr.colour import exr_profile
from liifgan_core.images.image import Image
from liifgan_core.images.windows import Windows
from liifgan_core.losses import tell

_COLOURS, _LUMINANCE, _ALPHA = ("R", "G", "B"), "Y", "A"
_CHROMA = frozenset(("RY", "BY"))
_MAX_NAMES = 8
"""Names of channels in a message; a render may have hundreds."""


@dataclass(frozen=True, slots=True)
class Channels:
    """Which channels of a file make the picture."""

    colours: tuple[int | None, ...]
    """Their numbers: one, or three of which None is a channel that is not there, and so 0."""
    alpha: int | None
    layer: str
    """Name of the layer that they belong to; empty for the file's own."""

    @property
    def is_gray(self) -> bool:
        """Whether there is one colour channel."""
        return len(self.colours) == 1


def decode(_file: BinaryIO, path: Path, *, check: Callable[[Size, int], None]) -> Image:
    """Return the first picture in the file at `path`: floats, linear light.

    `check` gets the size and the bytes that a pixel takes while decoding. Raises ImageReadError
    where there are no colours, and OiioError for damage.
    """
    with oiio_reader.first_picture(path, "exr", check=check) as source:
        names = source.spec().channelnames
        channels = choose_channels(names)
        if channels is None:
            raise ImageReadError(
                f"{path} stores colours as luminance and chroma, which is not read here; save it "
                "with the channels R, G and B first."
            )
        _tell_what_is_left_out(path, names, channels)
        return _filled(source, channels, path)


def choose_channels(names: Sequence[str]) -> Channels | None:
    """Return the channels that make the picture; None where colours are stored as chroma.

    The file's own R, G, B or Y come first, then those of the first layer that has such, then
    simply the first channel.
    """
    if _CHROMA & set(names):
        return None
    at = {name: number for number, name in enumerate(names)}
    layers = dict.fromkeys(["", *(_layer(name) for name in names)])
    for layer in layers:
        prefix = f"{layer}." if layer else ""
        alpha = at.get(prefix + _ALPHA)
        colours = tuple(at.get(prefix + name) for name in _COLOURS)
        if any(number is not None for number in colours):
            return Channels(colours, alpha, layer)
        if prefix + _LUMINANCE in at:
            return Channels((at[prefix + _LUMINANCE],), alpha, layer)
    return Channels((0,), None, _layer(names[0]))


def _layer(name: str) -> str:
    return name.rpartition(".")[0]


def _tell_what_is_left_out(path: Path, names: Sequence[str], channels: Channels) -> None:
    used = {*channels.colours, channels.alpha}
    others = [name for number, name in enumerate(names) if number not in used]
    if others:
        listed = ", ".join(others[:_MAX_NAMES]) + (", ..." if len(others) > _MAX_NAMES else "")
        of_layer = f" of the layer {channels.layer!r}" if channels.layer else ""
        tell(
            "channels-of-exr",
            file=path,
            layer=of_layer,
            used=", ".join(names[number] for number in channels.colours if number is not None),
            others=listed,
        )


def _filled(source: oiio.ImageInput, channels: Channels, path: Path) -> Image:
    spec = source.spec()
    canvas = Canvas(
        Size(spec.height, spec.width),
        dtype=np.dtype(np.float32),
        has_alpha=channels.alpha is not None,
        orientation=1,
    )
    for top, band in oiio_reader.bands(source, np.dtype(np.float32)):
        colour = np.zeros((*band.shape[:2], len(channels.colours)), np.float32)
        for place, number in enumerate(channels.colours):
            if number is not None:
                colour[..., place] = band[..., number]
        canvas.put(top, colour, None if channels.alpha is None else band[..., channels.alpha])
    profile = exr_profile(spec.getattribute("chromaticities"), name=str(path))
    is_premultiplied = canvas.has_light_without_opacity
    if not is_premultiplied:
        canvas.unpremultiply()
    return canvas.image(
        icc_profile=profile,
        source_format="exr",
        is_gray=channels.is_gray,
        is_linear=True,
        is_premultiplied=is_premultiplied,
        windows=_windows(spec),
    )


def _windows(spec: oiio.ImageSpec) -> Windows | None:
    """Return the windows, None where the picture is all there is to show."""
    windows = Windows(
        left=spec.x,
        top=spec.y,
        display_left=spec.full_x,
        display_top=spec.full_y,
        display_width=spec.full_width,
        display_height=spec.full_height,
    )
    is_plain = windows == Windows(0, 0, 0, 0, spec.width, spec.height)
    return None if is_plain else windows
