"""LIIF-GAN: a picture as a continuous function, rendered at any size.

    from liifgan_core import ContinuousImage, Size, Viewport, load_model, read_image

    image = read_image("photo.jpg")
    picture = ContinuousImage.encode(image, load_model("liif"))
    pixels = picture.render(Viewport.whole(image.size, Size(1080, 1920)))

docs/api.md has more. Names are imported on first use (PEP 562), so importing this package imports
no torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liifgan_core.errors import LiifganError
    from liifgan_core.geometry import Rect, Size, Tile, Viewport
    from liifgan_core.images.image import Image
    from liifgan_core.images.inspection import Inspection, inspect_file
    from liifgan_core.images.metadata.enlarged import Enlargement
    from liifgan_core.images.read import read_image
    from liifgan_core.images.warped import warped_opacity
    from liifgan_core.images.write import open_writer
    from liifgan_core.progress import Cancelled, CancelToken
    from liifgan_core.render.continuous_image import ContinuousImage, RenderedTile
    from liifgan_core.render.export import export_image, export_images
    from liifgan_core.render.export_options import ExportOptions, ExportOrder, ExportReport
    from liifgan_core.render.placed_model import PlacedModel, load_model
    from liifgan_core.warp import Geometry, Point, Warp

__version__ = "0.1.0"

_MODULES = {
    "CancelToken": "progress",
    "Cancelled": "progress",
    "ContinuousImage": "render.continuous_image",
    "Enlargement": "images.metadata.enlarged",
    "ExportOptions": "render.export_options",
    "ExportOrder": "render.export_options",
    "ExportReport": "render.export_options",
    "Image": "images.image",
    "Inspection": "images.inspection",
    "LiifganError": "errors",
    "Geometry": "warp",
    "PlacedModel": "render.placed_model",
    "Point": "warp",
    "Rect": "geometry",
    "RenderedTile": "render.continuous_image",
    "Size": "geometry",
    "Tile": "geometry",
    "Viewport": "geometry",
    "Warp": "warp",
    "export_image": "render.export",
    "export_images": "render.export",
    "inspect_file": "images.inspection",
    "load_model": "render.placed_model",
    "open_writer": "images.write",
    "read_image": "images.read",
    "warped_opacity": "images.warped",
}

__all__ = [  # noqa: RUF022 - the order of the documentation
    "read_image",
    "load_model",
    "ContinuousImage",
    "RenderedTile",
    "Viewport",
    "Rect",
    "Size",
    "Tile",
    "Geometry",
    "Point",
    "Warp",
    "warped_opacity",
    "export_image",
    "export_images",
    "ExportOptions",
    "ExportOrder",
    "ExportReport",
    "inspect_file",
    "Inspection",
    "Enlargement",
    "open_writer",
    "Image",
    "PlacedModel",
    "LiifganError",
    "CancelToken",
    "Cancelled",
]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
