"""An engine that needs no torch and does what a test tells it, and photos to give it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.state.frame_schedule import FrameSchedule
from app.state.photo import Photo, make_photo
from app.state.target_rule import TargetKind
from app.state.training_plan import RecipeChoice
from app.widgets.size_panel import SizePanel
from liifgan_core.errors import LiifganError
from liifgan_core.geometry import Size
from liifgan_core.images.image import Image
from liifgan_core.models.config import FieldConfig, LIIFConfig, RRDBConfig, TrunkConfig
from liifgan_core.progress import CancelToken, Progress, no_progress
from liifgan_core.render.drawing import APART, Blended
from liifgan_core.render.request import Following, FrameTile, RenderRequest, nothing_follows
from liifgan_core.render.tile_plan import plan
from liifgan_core.weights.descriptor import ExternalTrunk, WeightsInfo, described
from liifgan_core.weights.registry import Facts, Header, Provenance

TIMEOUT_S = 20.0
"""For an event that always comes; only a defect lets it pass."""


RECIPE = RecipeChoice(
    name="fake", description="A test.", smallest_side=50, min_photos=2, num_steps=100
)


def fake_picture(rgb: NDArray[np.uint8], size: Size, model: str) -> NDArray[np.uint8]:
    return np.full((size.height, size.width, 3), 77, np.uint8)


class FakeEngine:
    """Renders flat tiles: structure 0.5 and, for models called "detail...", detail 0.2.

    `structure` gives others by what draws.
    """

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.requests: list[RenderRequest] = []
        self.following: Following = nothing_follows
        self.structure: dict[str, float] = {}
        self.num_tiles = 0
        self.error: Exception | None = None
        self.is_closed = False
        self.go_on = threading.Event()
        """Cleared by a test to hold the engine before its next tile."""
        self.go_on.set()
        self.holds = threading.Event()
        """Set while the engine is held."""
        self.thread: int | None = None

    def open(self, image_key: str, image: Image) -> None:
        self.opened.append(image_key)

    def render(
        self,
        request: RenderRequest,
        *,
        cancel: CancelToken,
        abandon: CancelToken,
        following: Following = nothing_follows,
        progress: Progress = no_progress,
    ) -> Iterator[FrameTile]:
        self.thread = threading.get_ident()
        self.requests.append(request)
        self.following = following
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        steps = list(plan(request))
        for number, step in enumerate(steps):
            progress(number / len(steps))
            if not self.go_on.is_set():
                self.holds.set()
                assert self.go_on.wait(TIMEOUT_S)
                self.holds.clear()
            cancel.check()
            self.num_tiles += 1
            shape = (step.tile.height, step.tile.width, 3)
            has_detail = step.drawn_by.startswith("detail")
            # As fields do, it draws both layers as one where that is allowed.
            is_blend = has_detail and isinstance(step.drawing, Blended)
            blend = 0.2 * step.drawing.strength if is_blend else 0.0
            structure = self.structure.get(step.drawn_by, 0.5) + blend
            is_apart = has_detail and step.drawing == APART
            yield FrameTile(
                request_id=request.id,
                source=step.source,
                drawn_by=step.drawn_by,
                viewport=step.viewport,
                tile=step.tile,
                structure=np.full(shape, structure, np.float32),
                detail=np.full(shape, 0.2, np.float32) if is_apart else None,
                alpha=None,
                is_final=step.is_final,
                seconds=0.01,
            )

    def close(self) -> None:
        self.is_closed = True


def never_rest(schedule: FrameSchedule) -> None:
    """Let a view rest only when a test calls `schedule.pace.rest()`."""
    schedule.pace._rest.setInterval(10**6)


class FailingOnce:
    """An engine factory that fails at first."""

    def __init__(self, engine: FakeEngine, num_failures: int = 1) -> None:
        self._engine, self._failures_left = engine, num_failures

    def __call__(self) -> FakeEngine:
        if self._failures_left:
            self._failures_left -= 1
            raise LiifganError("there is no device 'moon'; use cpu")
        return self._engine


def noise_photo(
    height: int = 60, width: int = 80, *, path: Path | None = None, name: str = "noise.png"
) -> Photo:
    samples = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return make_photo(Image(samples), name=name, path=path)


def model(name: str) -> WeightsInfo:
    """Return the record of a model: "detail..." has such a layer, "...air" draws quickly.

    Those with the words "gan" and "clean" are what they are called.
    """
    field = FieldConfig() if name.endswith("air") else None
    has_detail = name.startswith("detail")
    config = LIIFConfig(
        structure_field=field,
        detail_tap=1 if has_detail else None,
        detail_field=field if has_detail else None,
    )
    provenance = Provenance(licence="none", origin="a test", trained_scales=(1.0, 4.0))
    words = name.split("-")
    facts = Facts(is_gan="gan" in words, cleans="clean" in words)
    header = Header(architecture="liif", config={}, provenance=provenance, facts=facts)
    path = Path(f"{name}.safetensors")
    return described(path, header, config, sha256="0" * 64, size_bytes=1000)


def on_a_trunk(model: WeightsInfo) -> WeightsInfo:
    """Return the record of the same model on a network of others: it encodes slowly."""
    config = msgspec.structs.replace(
        model.config, detail_tap=None, detail_trunk=TrunkConfig(network=RRDBConfig())
    )
    return msgspec.structs.replace(model, config=config)


def advised(model: WeightsInfo, strength: float) -> WeightsInfo:
    """Return the record of the same model whose makers advise a detail strength."""
    facts = msgspec.structs.replace(_facts(model), default_strength=((1.0, strength),))
    header = msgspec.structs.replace(model.header, facts=facts)
    return msgspec.structs.replace(model, header=header)


def with_network(model: WeightsInfo, *, is_installed: bool) -> WeightsInfo:
    """Return the record of the same model that reads a network which is there or not."""
    trunk = ExternalTrunk(
        sha256="1" * 64,
        name="fake-net",
        size_bytes=33_000_000,
        download_bytes=31_000_000,
        licence="MIT, nobody",
        is_installed=is_installed,
    )
    return msgspec.structs.replace(on_a_trunk(model), trunk=trunk)


def _facts(model: WeightsInfo) -> Facts:
    assert model.header.facts is not None
    return model.header.facts


def choose_kind(panel: SizePanel, kind: TargetKind) -> None:
    """Choose a kind of size rule, as a user does."""
    panel.kind.setCurrentIndex(panel.kind.findData(kind))
