from collections.abc import Callable
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from liifgan_core.errors import OutOfMemoryError
from liifgan_core.geometry import Size
from liifgan_core.images.image import Image
from liifgan_core.models.liif import LIIF
from liifgan_core.render import encoded_tiles
from liifgan_core.render.encoded_tiles import EncodedTiles
from liifgan_core.render.placed_model import PlacedModel
from tests.conftest import Place
from tests.core.render.conftest import MakeImage

PLENTY = 2**30
SIZES = [(40, 33), (1, 50), (50, 1), (1, 1), (17, 64), (32, 32)]


def nothing() -> None:
    pass


def whole_features(network: LIIF, image: Image) -> torch.Tensor:
    lr = torch.from_numpy(image.samples).permute(2, 0, 1)[None].float() / 255
    return network.encode(lr).structure_BDHW


def assemble(tiles: EncodedTiles) -> torch.Tensor:
    """Return the whole feature map from the parts that belong to one tile each."""
    size = tiles.size
    result = torch.full((1, 8, size.height, size.width), torch.nan)
    for key in tiles.keys():  # noqa: SIM118 - not a mapping
        inner = tiles.inner(key)
        grown = inner.grown(1, size)
        feat = tiles.features(key, nothing)["last"]
        assert feat.shape == (1, 8, grown.height, grown.width)
        top, left = inner.top - grown.top, inner.left - grown.left
        result[:, :, inner.top : inner.bottom, inner.left : inner.right] = feat[
            :, :, top : top + inner.height, left : left + inner.width
        ]
    return result


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tile", [1, 5, 8, 16, 100])
def test_tiles_equal_the_whole_image(
    size: tuple[int, int],
    tile: int,
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if tile == 1 and size[0] * size[1] > 60:
        pytest.skip("a thousand tiles show nothing more than fifty")
    monkeypatch.setattr(encoded_tiles, "TILE", tile)
    image = make_image(*size)
    found = assemble(EncodedTiles(image, place(tiny_network), PLENTY))
    assert (found - whole_features(tiny_network, image)).abs().max() < 1e-5


class OneShape(PlacedModel):
    """A model whose tiles should all have one height and one width."""

    wants_one_shape = True  # pyright: ignore[reportAssignmentType] - a property that is always true


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from([8, 12]))
def test_what_is_encoded_at_once_may_have_one_shape_everywhere(
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    height: int,
    width: int,
    tile: int,
) -> None:
    image, model = make_image(height, width), place(tiny_network)
    model.__class__ = OneShape
    shapes: set[tuple[int, ...]] = set()
    encode = model.encode
    with (
        mock.patch.object(encoded_tiles, "TILE", tile),
        mock.patch.object(
            model, "encode", lambda rgb, *rest: shapes.add(rgb.shape) or encode(rgb, *rest)
        ),
    ):
        found = assemble(EncodedTiles(image, model, PLENTY))
    assert len(shapes) == 1
    assert (found - whole_features(tiny_network, image)).abs().max() < 1e-5


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(3, 24), st.integers(0, 60_000))
def test_tiles_equal_the_whole_image_at_any_size(
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    height: int,
    width: int,
    tile: int,
    memory_bytes: int,
) -> None:
    image = make_image(height, width)
    with mock.patch.object(encoded_tiles, "TILE", tile):
        found = assemble(EncodedTiles(image, place(tiny_network), memory_bytes))
    assert (found - whole_features(tiny_network, image)).abs().max() < 1e-5


def test_tiles_equal_the_whole_image_on_every_device(
    device: str,
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoded_tiles, "TILE", 12)
    image = make_image(40, 30)
    found = assemble(EncodedTiles(image, place(tiny_network, device), PLENTY)).cpu()
    assert (found - whole_features(tiny_network, image)).abs().max() < 1e-5


@pytest.mark.parametrize("memory_bytes", [0, 1, 20_000, 60_000])
def test_little_memory_gives_the_same_features(
    memory_bytes: int,
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoded_tiles, "TILE", 8)
    image = make_image(30, 40)
    tiles = EncodedTiles(image, place(tiny_network), memory_bytes)
    assert (assemble(tiles) - whole_features(tiny_network, image)).abs().max() < 1e-5


def test_inner_tiles_partition_the_image(
    tiny_network: LIIF, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoded_tiles, "TILE", 8)
    tiles = EncodedTiles(make_image(21, 30), place(tiny_network), PLENTY)
    count = np.zeros((21, 30), int)
    for key in tiles.keys():  # noqa: SIM118
        inner = tiles.inner(key)
        count[inner.top : inner.bottom, inner.left : inner.right] += 1
    assert (count == 1).all()


def test_the_tiles_that_cover_codes_are_exactly_those_that_hold_some(
    tiny_network: LIIF, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoded_tiles, "TILE", 8)
    tiles = EncodedTiles(make_image(24, 32), place(tiny_network), PLENTY)
    assert list(tiles.covering((0, 0), (0, 0))) == [(0, 0)]
    assert list(tiles.covering((7, 8), (15, 15))) == [(0, 1), (1, 1)]
    assert list(tiles.covering((0, 23), (0, 31))) == tiles.keys()


def test_a_tile_is_encoded_once(
    tiny_network: LIIF, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoded_tiles, "TILE", 8)
    model = place(tiny_network)
    calls = count_encodes(model, monkeypatch)
    tiles = EncodedTiles(make_image(30, 30), model, PLENTY)
    for _ in range(2):
        assemble(tiles)
    assert len(calls) == 4  # 4x4 tiles in blocks of 2x2


@pytest.mark.parametrize("memory_bytes", [0, PLENTY])
def test_progress_tells_how_much_of_the_photo_is_encoded(
    memory_bytes: int,
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Within a block as the model tells it, though it begins anew; never back, nothing twice."""
    monkeypatch.setattr(encoded_tiles, "TILE", 8)
    model, told = place(tiny_network), list[float]()
    original = model.encode

    def encode(
        rgb: np.ndarray, check: Callable[[], None], progress: Callable[[float], None]
    ) -> object:
        for fraction in (0.0, 0.5, 0.25, 0.75):
            progress(fraction)
        return original(rgb, check)

    monkeypatch.setattr(model, "encode", encode)
    tiles = EncodedTiles(
        make_image(16, 32), model, memory_bytes, block_tiles=2, progress=told.append
    )
    for _ in range(2):
        for key in tiles.keys():  # noqa: SIM118 - not a mapping
            tiles.features(key, nothing)
    if memory_bytes:  # two blocks of 16x16
        assert told == [0.25, 0.375, 0.5, 0.75, 0.875, 1.0]
    assert told == sorted(set(told))
    assert told[-1] == 1.0


def test_features_that_fit_exactly_are_all_kept(
    tiny_network: LIIF, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each tile also holds its neighbours' border, which counts against the bound."""
    monkeypatch.setattr(encoded_tiles, "TILE", 8)
    model = place(tiny_network)
    calls = count_encodes(model, monkeypatch)
    tiles = EncodedTiles(make_image(30, 30), model, 30 * 30 * 8 * 4)
    for _ in range(2):
        assemble(tiles)
    assert tiles.fits_in_memory
    assert len(calls) == 4


def count_encodes(model: PlacedModel, monkeypatch: pytest.MonkeyPatch) -> list[Size]:
    calls: list[Size] = []
    original = model.encode

    def encode(rgb: np.ndarray, check: Callable[[], None], *_: object) -> object:
        calls.append(Size(*rgb.shape[:2]))
        return original(rgb, check)

    monkeypatch.setattr(model, "encode", encode)
    return calls


def limit_memory(model: PlacedModel, num_pixels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    original = model.encode

    def encode(rgb: np.ndarray, check: Callable[[], None], *_: object) -> object:
        if rgb.shape[0] * rgb.shape[1] > num_pixels:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return original(rgb, check)

    monkeypatch.setattr(model, "encode", encode)


@pytest.mark.parametrize("size", [(90, 70), (33, 200), (1, 300), (300, 1)])
def test_out_of_memory_halves_the_area_and_goes_on(
    size: tuple[int, int],
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, image = place(tiny_network), make_image(*size)
    limit_memory(model, 2000 if min(size) > 1 else 60, monkeypatch)
    found = assemble(EncodedTiles(image, model, PLENTY))
    assert (found - whole_features(tiny_network, image)).abs().max() < 1e-5


def test_when_even_the_smallest_piece_fails_a_way_out_is_named(
    tiny_network: LIIF, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = place(tiny_network)
    limit_memory(model, 0, monkeypatch)
    tiles = EncodedTiles(make_image(90, 70), model, PLENTY)
    with pytest.raises(OutOfMemoryError, match=r"cpu has no memory left to encode .* use"):
        tiles.features((0, 0), nothing)


def test_other_errors_are_not_taken_for_out_of_memory(
    tiny_network: LIIF, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = place(tiny_network)

    def encode(*_: object) -> object:
        raise RuntimeError("a defect")

    monkeypatch.setattr(model, "encode", encode)
    with pytest.raises(RuntimeError, match="a defect"):
        EncodedTiles(make_image(90, 70), model, PLENTY).features((0, 0), nothing)


def test_forgotten_tables_are_made_again(
    tiny_network: LIIF, place: Place, make_image: MakeImage
) -> None:
    tiles = EncodedTiles(make_image(9, 9), place(tiny_network), PLENTY)
    before, origin = tiles.table((0, 0), "structure", nothing)
    assert origin == (0, 0)
    assert tiles.table((0, 0), "structure", nothing)[0] is before
    tiles.forget_tables()
    again, _ = tiles.table((0, 0), "structure", nothing)
    assert again is not before
    assert torch.equal(again, before)


def test_a_strip_is_those_rows_of_the_table(
    tiny_network: LIIF, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoded_tiles, "TILE", 8)
    tiles = EncodedTiles(make_image(24, 24), place(tiny_network), PLENTY)
    for key, rows in (((0, 0), (0, 0)), ((1, 1), (10, 12)), ((1, 2), (3, 20)), ((2, 0), (23, 23))):
        table, (table_top, table_left) = tiles.table(key, "structure", nothing)
        strip, (top, left) = tiles.strip(key, "structure", rows, nothing)
        assert left == table_left
        inner = tiles.inner(key)
        wanted = slice(max(rows[0], inner.top), min(rows[1] + 1, inner.bottom))
        expected = table[wanted.start - table_top : wanted.stop - table_top]
        found = strip[wanted.start - top : wanted.stop - top]
        # The outermost columns are right only where the image ends.
        inside = slice(inner.left - left, inner.right - left)
        assert (found[:, inside] - expected[:, inside]).abs().max() < 1e-6
