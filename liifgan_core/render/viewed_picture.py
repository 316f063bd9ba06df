"""The open image through one model, as a view needs it: encoded where one looks, until given up."""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass

from liifgan_core.geometry import Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.progress import Cancelled, CancelToken, no_progress
from liifgan_core.render.continuous_image import ContinuousImage, RenderedTile
from liifgan_core.render.drawing import Drawing
from liifgan_core.render.encoded_tiles import EncodedTiles
from liifgan_core.render.frame_work import FrameWork
from liifgan_core.render.placed_model import PlacedModel
from liifgan_core.render.request import Following, RenderRequest
from liifgan_core.render.tile_plan import whole_tiles


@dataclass(frozen=True, slots=True)
class Abandon:
    """When an encoding that has begun is given up."""

    token: CancelToken
    following: Following

    def check(self, is_wanted: Callable[[RenderRequest], bool]) -> None:
        """Raise Cancelled where that was asked for, or the request that comes next needs it not."""
        self.token.check()
        request = self.following()
        if request is not None and not is_wanted(request):
            raise Cancelled


class ViewedPicture:
    """The image, its features within a bound of memory, and what counts their work."""

    def __init__(self, image: Image, model: PlacedModel, feature_bytes: int) -> None:
        # One tile at a time: what is looked at comes first, and a cancelled frame ends sooner.
        self._tiles = EncodedTiles(
            image, model, feature_bytes, block_tiles=1, progress=self._take_encoded
        )
        self._work = FrameWork(no_progress, to_encode=0, to_decode=0)
        self._told = 0.0
        """Part of the photo that was encoded, as far as it was told within this encoding."""
        self._encoding_since_s = 0.0
        self._continuous = ContinuousImage(self._tiles, model)
        self._name = model.info.name
        self.has_detail = model.has_detail

    def pixels_to_encode(self, viewport: Viewport, tile: Tile) -> int:
        """Return the LR pixels that are encoded before a tile can be drawn."""
        keys = self._continuous.encoded_tiles(viewport, tile)
        missing = [self._tiles.inner(key) for key in keys if not self._tiles.has_features(key)]
        return sum(tile.height * tile.width for tile in missing)

    def is_encoded(self, viewport: Viewport, tile: Tile) -> bool:
        """Whether a tile can be drawn without encoding."""
        keys = self._continuous.encoded_tiles(viewport, tile)
        return all(self._tiles.has_features(key) for key in keys)

    def render(
        self,
        viewport: Viewport,
        tile: Tile,
        *,
        drawing: Drawing,
        cancel: CancelToken,
        abandon: Abandon,
        work: FrameWork,
    ) -> tuple[RenderedTile, float]:
        """Return a tile and the seconds of decoding, encoding what the tile needs."""
        self._work = work
        for key in self._continuous.encoded_tiles(viewport, tile):
            is_wanted = functools.partial(self._is_wanted, key)
            self._encoding_since_s = time.perf_counter()
            self._tiles.features(key, lambda is_wanted=is_wanted: abandon.check(is_wanted))
            cancel.check()
        start_s = time.perf_counter()
        rendered = self._continuous.render_tile(viewport, tile, drawing=drawing, cancel=cancel)
        seconds = time.perf_counter() - start_s
        work.decoded(tile.height * tile.width, seconds)
        return rendered, seconds

    def _take_encoded(self, fraction: float) -> None:
        """Take which part of the photo has been encoded by now."""
        now_s = time.perf_counter()
        num_pixels = (fraction - self._told) * self._tiles.size.num_pixels
        self._work.encoded(num_pixels, now_s - self._encoding_since_s)
        self._told, self._encoding_since_s = fraction, now_s

    def _is_wanted(self, key: tuple[int, int], request: RenderRequest) -> bool:
        """Whether a request of the same image needs an encoded tile."""
        if self._name not in request.models:
            return False
        return key in self._continuous.encoded_tiles(request.viewport, whole_tiles(request))
