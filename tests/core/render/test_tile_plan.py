import math
import pickle
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.render.drawing import APART, STRUCTURE_ONLY, Blended, Drawing
from liifgan_core.render.request import BICUBIC, NEAREST, RenderRequest, StandIn
from liifgan_core.render.tile_plan import (
    COARSE_QUERIES,
    TILE,
    blocks,
    bounds,
    coarse_viewport,
    lr_rect,
    plan,
    tile_side,
    tiles_outwards,
    whole_tiles,
)

SIZE = Size(1000, 1500)
QUICK_A, QUICK_B, OWN_B = StandIn("a", "air"), StandIn("b", "air"), StandIn("b", "b")


def request(
    visible: Tile, *, size: Size = SIZE, scale: float = 4.0, sources: tuple[str, ...] = ("liif",)
) -> RenderRequest:
    lr = Size(math.ceil(size.height / scale), math.ceil(size.width / scale))
    return RenderRequest(1, "photo", sources, Viewport.whole(lr, size), visible)


@st.composite
def requests(draw: st.DrawFn) -> RenderRequest:
    height, width = draw(st.integers(1, 2000)), draw(st.integers(1, 2000))
    top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
    visible = Tile(
        top, left, draw(st.integers(1, height - top)), draw(st.integers(1, width - left))
    )
    lr = Size(draw(st.integers(1, 3000)), draw(st.integers(1, 3000)))
    sources = draw(st.sampled_from([("a",), ("a", "b"), (BICUBIC, "a"), (NEAREST, BICUBIC)]))
    stand_ins = draw(st.sampled_from([(), (QUICK_A,), (QUICK_A, QUICK_B), (QUICK_A, OWN_B)]))
    viewport = Viewport.whole(lr, Size(height, width))
    refines = draw(st.booleans())
    return RenderRequest(1, "photo", sources, viewport, visible, stand_ins, refines)


@given(requests())
def test_final_tiles_of_each_source_cover_what_is_visible_once(request: RenderRequest) -> None:
    for source in request.sources:
        tiles = [step.tile for step in plan(request) if step.is_final and step.source == source]
        part = request.visible
        covered = sum(
            max(0, min(part.bottom, tile.bottom) - max(part.top, tile.top))
            * max(0, min(part.right, tile.right) - max(part.left, tile.left))
            for tile in tiles
        )
        assert covered == part.height * part.width
        assert len(set(tiles)) == len(tiles)


@given(requests())
def test_every_tile_lies_in_its_output_and_touches_what_is_visible(request: RenderRequest) -> None:
    for step in plan(request):
        size = step.viewport.size
        assert 0 <= step.tile.top < step.tile.bottom <= size.height
        assert 0 <= step.tile.left < step.tile.right <= size.width
        shown = lr_rect(request.viewport, request.visible)
        region = lr_rect(step.viewport, step.tile)
        assert region.top < shown.top + shown.height
        assert shown.top < region.top + region.height
        assert region.left < shown.left + shown.width
        assert shown.left < region.left + region.width


@given(requests())
def test_a_coarse_pass_covers_all_that_is_visible(request: RenderRequest) -> None:
    viewport = coarse_viewport(request)
    if viewport is None or request.stand_in("a") is not None:
        return
    [step] = [step for step in plan(request) if not step.is_final and step.source == "a"][:1] or [
        None
    ]
    if step is None:
        return
    shown, region = lr_rect(request.viewport, request.visible), lr_rect(viewport, step.tile)
    assert region.top <= shown.top + 1e-6
    assert region.left <= shown.left + 1e-6
    assert region.top + region.height >= shown.top + shown.height - 1e-6
    assert region.left + region.width >= shown.left + shown.width - 1e-6


def test_the_centre_comes_first() -> None:
    tiles = tiles_outwards(Tile(0, 0, 1000, 1500), SIZE, TILE)
    centre = tiles[0]
    assert centre.top <= 500 < centre.bottom
    assert centre.left <= 750 <= centre.right
    assert {tiles[-1].top, tiles[-1].bottom} & {0, 1000}


def test_the_grid_stays_where_it_is_when_the_view_moves() -> None:
    one = set(tiles_outwards(Tile(100, 100, 500, 500), SIZE, TILE))
    other = set(tiles_outwards(Tile(137, 211, 500, 500), SIZE, TILE))
    assert len(one & other) >= 4


def test_models_start_coarse_and_take_turns() -> None:
    steps = list(plan(request(Tile(0, 0, 1000, 1500), scale=20.0, sources=("a", BICUBIC, "b"))))
    first_model_step = next(i for i, step in enumerate(steps) if step.method == "model")
    assert {step.source for step in steps[:first_model_step]} == {BICUBIC}
    models = steps[first_model_step:]
    assert [step.source for step in models[:6]] == ["a", "b"] * 3
    assert [step.is_final for step in models[:3]] == [False, False, True]


@given(requests())
def test_the_whole_tiles_are_the_smallest_that_hold_all_final_ones(request: RenderRequest) -> None:
    tiles = tiles_outwards(request.visible, request.viewport.size, tile_side(request.viewport))
    whole = whole_tiles(request)
    assert (whole.top, whole.left) == (min(t.top for t in tiles), min(t.left for t in tiles))
    assert whole.bottom == max(t.bottom for t in tiles)
    assert whole.right == max(t.right for t in tiles)


def test_a_slow_encoder_makes_no_coarse_pass() -> None:
    view = replace(
        request(Tile(0, 0, 150, 200), sources=("liif", "rrdb")),
        slow_to_encode=frozenset({"rrdb"}),
    )
    coarse = {step.source: step.method for step in plan(view) if not step.is_final}
    assert coarse == {"liif": "model", "rrdb": "bicubic"}


def test_a_coarse_pass_is_a_small_job_of_the_model() -> None:
    view = request(Tile(0, 0, 720, 1280), scale=32.0)
    [coarse] = [step for step in plan(view) if not step.is_final]
    assert coarse.method == "model"
    assert coarse.tile.height * coarse.tile.width <= 1.1 * COARSE_QUERIES


@pytest.mark.parametrize("scale", [0.1, 0.5, 1.0, 2.0])
def test_where_few_queries_are_not_possible_the_coarse_pass_is_bicubic(scale: float) -> None:
    view = request(Tile(0, 0, 720, 1280), scale=scale)
    coarse = [step for step in plan(view) if not step.is_final]
    assert {step.method for step in coarse} == {"bicubic"}


def with_stand_ins(*stand_ins: StandIn, refines: bool = True) -> RenderRequest:
    view = request(Tile(0, 0, 1000, 1500), sources=("a", BICUBIC, "b"))
    return replace(view, stand_ins=stand_ins, refines=refines)


def test_a_stand_in_draws_all_that_is_visible_before_its_model() -> None:
    steps = [step for step in plan(with_stand_ins(QUICK_A)) if step.source == "a"]
    half = len(steps) // 2
    assert [step.drawn_by for step in steps] == ["air"] * half + ["a"] * half
    assert [step.is_final for step in steps] == [False] * half + [True] * half
    assert [step.whole for step in steps[:half]] == [step.tile for step in steps[half:]]
    assert {step.viewport for step in steps} == {request(Tile(0, 0, 9, 9)).viewport}


def test_a_stand_in_draws_no_pixel_that_is_not_visible() -> None:
    view = replace(request(Tile(100, 200, 300, 700)), stand_ins=(QUICK_A,), sources=("a",))
    tiles = [step.tile for step in plan(view) if step.drawn_by == "air"]
    assert sum(tile.height * tile.width for tile in tiles) == 300 * 700


def test_a_view_that_moves_is_drawn_by_stand_ins_only() -> None:
    view = with_stand_ins(QUICK_A, QUICK_B, refines=False)
    steps = list(plan(view))
    assert {step.drawn_by for step in steps} == {"air", BICUBIC}
    assert all(step.is_final for step in steps)
    quick = [step.source for step in steps if step.drawn_by == "air"]
    assert quick[:4] == ["a", "b", "a", "b"]


def test_a_model_without_stand_in_is_drawn_while_the_view_moves_too() -> None:
    steps = [step for step in plan(with_stand_ins(QUICK_A, refines=False)) if step.source == "b"]
    assert {step.drawn_by for step in steps if step.is_final} == {"b"}
    assert {step.drawn_by for step in steps if not step.is_final} == {BICUBIC}


@pytest.mark.parametrize("refines", [True, False])
def test_a_quick_model_needs_no_refinement(refines: bool) -> None:
    steps = [step for step in plan(with_stand_ins(OWN_B, refines=refines)) if step.source == "b"]
    assert {(step.drawn_by, step.is_final) for step in steps} == {("b", True)}
    assert len({step.tile for step in steps}) == len(steps)


@given(requests())
def test_a_request_knows_which_models_draw(request: RenderRequest) -> None:
    steps = list(plan(request))
    assert request.models == {step.drawn_by for step in steps if step.method == "model"}
    slow = {"a", "b"} - {found.source for found in request.stand_ins if found.model == "b"}
    assert request.is_quick == slow.isdisjoint(step.drawn_by for step in steps)


@pytest.mark.parametrize(("scale", "side"), [(4.0, 256), (1.0, 256), (0.5, 128), (0.1, 32)])
def test_tiles_are_smaller_where_a_pixel_is_many_queries(scale: float, side: int) -> None:
    viewport = Viewport.whole(Size(1000, 1000), Size(round(1000 * scale), round(1000 * scale)))
    assert tile_side(viewport) == side


def test_a_request_can_be_sent_to_another_process() -> None:
    view = request(Tile(0, 0, 10, 10))
    assert pickle.loads(pickle.dumps(view)) == view


@pytest.mark.parametrize(
    "visible", [Tile(-1, 0, 5, 5), Tile(0, 0, 0, 5), Tile(0, 1496, 5, 5), Tile(999, 0, 2, 5)]
)
def test_a_request_for_pixels_outside_is_a_defect(visible: Tile) -> None:
    with pytest.raises(ValueError, match="is not a part"):
        request(visible)


@given(requests(), st.randoms(use_true_random=False), st.sampled_from([1, 1 << 17, 1 << 22]))
def test_blocks_are_rectangles_of_quick_steps_and_hold_each_once(
    request: RenderRequest, random: random.Random, max_pixels: int
) -> None:
    """Also where some tiles are there already, and what is left is no rectangle."""
    steps = [step for step in plan(request) if random.random() < 0.8]
    quick = [
        step
        for step in steps
        if (found := request.stand_in(step.source)) is not None and found.model == step.drawn_by
    ]
    found = blocks(request, steps, max_pixels)
    assert set(found) == set(quick)
    for step, block in found.items():
        assert step in block
        assert all(found[member] == block for member in block)
        whole = bounds(block)
        num_pixels = sum(member.tile.height * member.tile.width for member in block)
        assert whole.height * whole.width == num_pixels
        assert {(member.source, member.drawn_by) for member in block} == {
            (step.source, step.drawn_by)
        }
        scale_y, scale_x = request.viewport.scale
        assert len(block) == 1 or num_pixels <= min(max_pixels, (1 << 19) * scale_y * scale_x)


@pytest.mark.parametrize(
    ("visible", "known", "num_blocks"),
    [
        (Tile(100, 30, 1080, 1920), (), 1),
        (Tile(100, 30, 1080, 1920), (Tile(512, 512, 256, 256),), 4),
        (Tile(0, 0, 1024, 1024), tuple(Tile(0, 256 * n, 256, 256) for n in range(4)), 1),
        (Tile(0, 0, 2160, 3840), (), 3),
    ],
)
def test_what_is_left_of_a_view_is_few_blocks(
    visible: Tile, known: tuple[Tile, ...], num_blocks: int
) -> None:
    view = RenderRequest(
        1, "photo", ("a",), Viewport.whole(Size(1000, 1000), Size(4000, 4000)),
        visible, (QUICK_A,), refines=False,
    )  # fmt: skip
    left = [step for step in plan(view) if step.tile not in known]
    assert len(set(blocks(view, left, 1 << 22).values())) == num_blocks


@pytest.mark.parametrize("drawing", [APART, STRUCTURE_ONLY, Blended(0.7, is_coarse=True)])
def test_a_stand_in_draws_as_asked_and_its_model_apart(drawing: Drawing) -> None:
    view = RenderRequest(
        1, "photo", ("a",), Viewport.whole(Size(50, 50), Size(200, 200)),
        Tile(0, 0, 200, 200), (StandIn("a", "air", drawing),),
    )  # fmt: skip
    assert [(step.drawn_by, step.drawing) for step in plan(view)] == [
        ("air", drawing),
        ("a", APART),
    ]
