"""The engine behind the app's view: models on a device, photos encoded as far as they are seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.resample import resample
from liifgan_core.progress import CancelToken, Progress, no_progress
from liifgan_core.render.byte_lru import ByteLRU
from liifgan_core.render.drawing import APART, STRUCTURE_ONLY, Drawing
from liifgan_core.render.frame_work import FrameWork
from liifgan_core.render.placed_model import PlacedModel, load_model
from liifgan_core.render.request import Following, FrameTile, RenderRequest, nothing_follows
from liifgan_core.render.tile_plan import Step, blocks, bounds, lr_rect, plan
from liifgan_core.render.viewed_picture import Abandon, ViewedPicture

MEMORY_BYTES = 1 << 30
"""Default bound for what is kept of the open image: the features of 2 megapixels of LR, and about
12 views of 1280x720 with both layers."""
_TILE_SHARE = 1 / 4
"""Part of the bound that rendered tiles get."""
_QUICK_SHARE = 1 / 8
"""Part that tiles of quick models get; features get the rest, for each model shown."""
_PIXEL_BYTES = 28
"""Of a rendered pixel at most: two layers and opacity."""


@dataclass(frozen=True, slots=True, eq=False)
class _Layers:
    structure: NDArray[np.float32]
    detail: NDArray[np.float32] | None
    alpha: NDArray[np.float32] | None
    drawing: Drawing
    """How they were drawn; what a model draws apart although it was asked for more is that."""

    @property
    def num_bytes(self) -> int:
        layers = (self.structure, self.detail, self.alpha)
        return sum(layer.nbytes for layer in layers if layer is not None)

    def part(self, tile: Tile, whole: Tile) -> "_Layers":
        """Return the layers of a tile from those of `whole`, which it is in; nothing is copied."""
        rows = slice(tile.top - whole.top, tile.bottom - whole.top)
        cols = slice(tile.left - whole.left, tile.right - whole.left)
        detail = None if self.detail is None else self.detail[rows, cols]
        alpha = None if self.alpha is None else self.alpha[rows, cols]
        return replace(self, structure=self.structure[rows, cols], detail=detail, alpha=alpha)


_TileKey = tuple[str, Viewport, Tile, Drawing]
_TileCache = ByteLRU[_TileKey, _Layers]


class TorchRenderEngine:
    """Implements RenderEngine with torch. Belongs to the thread that calls it."""

    def __init__(
        self,
        *,
        device: str = "auto",
        precision: str = "auto",
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._device = device
        self._precision = precision
        self._models: dict[str, PlacedModel] = {}
        self._image_key: str | None = None
        self._image: Image | None = None
        self._pictures: dict[str, ViewedPicture] = {}
        tile_bytes, quick_bytes = int(memory_bytes * _TILE_SHARE), int(memory_bytes * _QUICK_SHARE)
        self._feature_bytes = memory_bytes - tile_bytes - quick_bytes
        self._cache = _TileCache(tile_bytes)
        # Drawn again they cost less than new memory does, which takes 30 ms for a megapixel where a
        # virtual machine has to get it first: so those of other viewports give theirs back.
        self._quick_cache = _TileCache(quick_bytes)
        self._quick_viewport: Viewport | None = None

    def open(self, image_key: str, image: Image) -> None:
        self._image_key, self._image = image_key, image
        self._pictures.clear()
        self._forget_tiles()

    def render(
        self,
        request: RenderRequest,
        *,
        cancel: CancelToken,
        abandon: CancelToken,
        following: Following = nothing_follows,
        progress: Progress = no_progress,
    ) -> Iterator[FrameTile]:
        if request.image_key != self._image_key:
            raise ValueError(f"{request.image_key!r} is not open, {self._image_key!r} is")
        if request.viewport != self._quick_viewport:
            self._quick_cache.clear()
            self._quick_viewport = request.viewport
        steps = [self._best_known(step) for step in plan(request)]
        known = {step: layers for step in steps if (layers := self._known(step)) is not None}
        for step, layers in known.items():
            if step.is_final:
                yield _frame_tile(request, step, layers, 0.0)
        unfinished = {step.source for step in steps if step.is_final and step not in known}
        done = {_place(step) for step in known if step.is_final}
        left = [s for s in steps if s.source in unfinished and _place(s) not in done]
        max_pixels = self._quick_cache.max_bytes // _PIXEL_BYTES
        unknown = [s for s in left if s not in known]
        together = blocks(request, unknown, max_pixels)
        work = self._work(unknown, progress)
        drawn = set[Step]()
        for step in left:
            cancel.check()
            if step in drawn:
                continue
            layers = self._known(step)
            if layers is not None:  # another source has had the same pixels drawn
                drawn.add(step)
                yield _frame_tile(request, step, layers, 0.0)
                continue
            stand_in = request.stand_in(step.source)
            is_refinement = stand_in is not None and stand_in.model != step.drawn_by
            # The next request comes first: it may be quick, and do without this encoding.
            encoding = Abandon(cancel if is_refinement else abandon, following)
            block = together.get(step, (step,))
            if not drawn.isdisjoint(block):  # begun tile by tile, before all was encoded
                block = blocks(request, [s for s in block if s not in drawn], max_pixels)[step]
            block = self._drawable(block, step)
            drawn.update(block)
            made = self._make(
                block, cancel=cancel, abandon=encoding, is_quick=step in together, work=work
            )
            for member, layers, seconds in made:
                yield _frame_tile(request, member, layers, seconds)

    def close(self) -> None:
        self._pictures.clear()
        self._models.clear()
        self._forget_tiles()
        self._image = self._image_key = None

    def _forget_tiles(self) -> None:
        self._cache.clear()
        self._quick_cache.clear()

    def _work(self, steps: Sequence[Step], progress: Progress) -> FrameWork:
        """Return what counts the models' work on some steps.

        Of a model that is not loaded yet, all of the photo below the steps counts as to be encoded.
        """
        found: dict[tuple[str, Viewport], list[Step]] = {}
        for step in steps:
            if step.method == "model":
                found.setdefault((step.drawn_by, step.viewport), []).append(step)
        to_encode: dict[str, int] = {}
        to_decode = 0
        for (name, viewport), members in found.items():
            whole, picture = bounds(members), self._pictures.get(name)
            if picture is not None:
                num_pixels = picture.pixels_to_encode(viewport, whole)
            else:
                below = lr_rect(viewport, whole)
                num_pixels = round(below.height * below.width)
            # A coarse pass, of another viewport, needs the same.
            to_encode[name] = max(num_pixels, to_encode.get(name, 0))
            to_decode += sum(member.tile.height * member.tile.width for member in members)
        return FrameWork(progress, to_encode=sum(to_encode.values()), to_decode=to_decode)

    def _known(self, step: Step) -> _Layers | None:
        """Return a step's layers, or else those of the same pixels that are apart."""
        layers = self._kept(_key(step))
        if layers is None and step.drawing != APART:
            layers = self._kept((step.drawn_by, step.viewport, step.tile, APART))
        return layers

    def _kept(self, key: _TileKey) -> _Layers | None:
        layers = self._cache.get(key)
        return self._quick_cache.get(key) if layers is None else layers

    def _best_known(self, step: Step) -> Step:
        """Return the step by which the source draws itself, where that has been done before.

        So what was refined stays so while the view moves on.
        """
        if not step.is_final or self._kept((step.source, step.viewport, step.whole, APART)) is None:
            return step
        return replace(step, drawn_by=step.source, tile=step.whole, drawing=APART)

    def _drawable(self, block: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
        """Return a block, or only one step of it where the photo is not encoded yet.

        There a tile is to be seen as soon as its part is, and a block may need more than is kept.
        """
        if len(block) == 1:
            return block
        picture = self._picture(step.drawn_by)
        return block if picture.is_encoded(step.viewport, bounds(block)) else (step,)

    def _make(
        self,
        block: Sequence[Step],
        *,
        cancel: CancelToken,
        abandon: Abandon,
        is_quick: bool,
        work: FrameWork,
    ) -> list[tuple[Step, _Layers, float]]:
        """Return the layers of steps that are drawn at once, and the seconds that each took."""
        whole = bounds(block)
        drawn, seconds = self._drawn(block[0], whole, cancel=cancel, abandon=abandon, work=work)
        cache = self._quick_cache if is_quick else self._cache
        if is_quick and cache.used_bytes + drawn.num_bytes > cache.max_bytes:
            # Parts are views on their block, whose memory goes with the last of them.
            cache.clear()
        made: list[tuple[Step, _Layers, float]] = []
        for step in block:
            layers = drawn if len(block) == 1 else drawn.part(step.tile, whole)
            key = _key(replace(step, drawing=layers.drawing))
            cache.put(key, layers, layers.num_bytes)
            made.append((step, layers, seconds * layers.num_bytes / drawn.num_bytes))
        return made

    def _drawn(
        self, step: Step, tile: Tile, *, cancel: CancelToken, abandon: Abandon, work: FrameWork
    ) -> tuple[_Layers, float]:
        """Return a tile as a step is drawn, and the seconds of decoding."""
        image = self._image
        assert image is not None, "render has checked it"
        detail, drawing, seconds = None, step.drawing, 0.0
        if step.method == "model":
            picture = self._picture(step.drawn_by)
            rendered, seconds = picture.render(
                step.viewport, tile, drawing=drawing, cancel=cancel, abandon=abandon, work=work
            )
            structure, detail = rendered.structure, rendered.detail
            if detail is not None or not picture.has_detail:
                drawing = APART
        else:
            method = _resampling(step)
            structure = resample(image.rgb, image.size, step.viewport, tile, method)
        alpha = None
        if image.alpha is not None:
            alpha = resample(image.opacity, image.size, step.viewport, tile, _resampling(step))
        return _Layers(structure, detail, alpha, drawing), seconds

    def _picture(self, model_name: str) -> ViewedPicture:
        picture = self._pictures.get(model_name)
        if picture is None:
            model = self._models.get(model_name)
            if model is None:
                model = load_model(model_name, device=self._device, precision=self._precision)
                self._models[model_name] = model
            assert self._image is not None, "render has checked it"
            picture = self._pictures[model_name] = ViewedPicture(
                self._image, model, self._feature_bytes
            )
        return picture


def _resampling(step: Step) -> Literal["nearest", "bicubic"]:
    """Return how what needs no model is resampled.

    The photo itself is shown by its pixels as squares, but averaged below x1: of every fourth pixel
    alone one would see moire.
    """
    is_enlarged = min(step.viewport.scale) >= 1.0
    return "nearest" if step.method == "nearest" and is_enlarged else "bicubic"


def _key(step: Step) -> _TileKey:
    """Return what decides a step's pixels."""
    return step.drawn_by, step.viewport, step.tile, step.drawing


def _place(step: Step) -> tuple[str, Viewport, Tile]:
    """Return what is told apart by where it lies, not by what draws it."""
    return step.source, step.viewport, step.whole


def _frame_tile(request: RenderRequest, step: Step, layers: _Layers, seconds: float) -> FrameTile:
    return FrameTile(
        request_id=request.id,
        source=step.source,
        drawn_by=step.drawn_by,
        viewport=step.viewport,
        tile=step.tile,
        structure=layers.structure,
        detail=None if step.drawing == STRUCTURE_ONLY else layers.detail,
        alpha=layers.alpha,
        is_final=step.is_final,
        seconds=seconds,
    )
