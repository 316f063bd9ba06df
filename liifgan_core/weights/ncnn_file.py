"""Reader of ncnn's pairs of files: a `.param` with the layers in words, a `.bin` with weights.

Format (ncnn's "param and model file structure"): the `.param` has a magic number, the numbers of
layers and blobs, then a layer a line: kind, name, number of inputs and outputs, their names, and
`key=value` pairs. The `.bin` has the weights of the layers in that order and nothing between them:
a Convolution is a tag of 4 bytes, its weights (out, in, k, k), padded to 4 bytes, and its bias as
float32; a PReLU its slopes as float32. All is little-endian. Imports no torch.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liifgan_core.errors import WeightsError

_MAGIC = "7767517"
_FP16_TAG = 0x01306B47
"""In front of weights that are stored in half precision."""
_MAX_PARAM_BYTES = 4 * 2**20
"""The `.param` of an RRDB of 23 blocks has 0.12 MB."""
_MAX_NUMBER = 2**31 - 1
"""Numbers in a `.param` are C's ints."""
_WITHOUT_WEIGHTS = frozenset(
    ("Input", "Split", "Concat", "Eltwise", "BinaryOp", "Interp", "PixelShuffle", "ReLU", "Noop")
)
"""Kinds that take nothing from the `.bin`. Others are refused: what they take is not known here."""


@dataclass(frozen=True, slots=True)
class NcnnConvolution:
    """A convolution's tensors, as they lie in the file."""

    name: str
    weight_OIKK: NDArray[np.float16]
    bias_O: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NcnnPReLU:
    """A PReLU's slopes, one per channel."""

    name: str
    slopes_D: NDArray[np.float32]


NcnnLayer = NcnnConvolution | NcnnPReLU


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a layer with weights takes from the `.bin`."""

    name: str
    out_channels: int
    num_weights: int
    """0: a PReLU."""
    side: int

    @property
    def num_bytes(self) -> int:
        if not self.num_weights:
            return 4 * self.out_channels
        return 4 + _padded(2 * self.num_weights) + 4 * self.out_channels


def read_ncnn(param: Path, weights: Path) -> tuple[NcnnLayer, ...]:
    """Return the layers that have weights, in the order of the `.param` file.

    The arrays are views of the mapped file, read when they are used; writing to them changes
    memory and not the file. Nothing is executed, and no memory is taken before both files are known
    to fit each other to the last byte. Raises WeightsError for a missing or damaged file, weights
    in another precision than fp16, values that are not finite, and layers of other kinds.
    """
    shapes = _read_shapes(param)
    buffer = _mapped(weights, sum(shape.num_bytes for shape in shapes), param)
    layers: list[NcnnLayer] = []
    offset = 0
    for shape in shapes:
        layers.append(_layer(shape, buffer[offset : offset + shape.num_bytes], weights))
        offset += shape.num_bytes
    return tuple(layers)


def _layer(shape: _Shape, taken: NDArray[np.uint8], weights: Path) -> NcnnLayer:
    if not shape.num_weights:
        slopes = taken.view("<f4")
        _check_finite(slopes, shape.name, weights)
        return NcnnPReLU(shape.name, slopes)
    tag = int.from_bytes(taken[:4].tobytes(), "little")
    if tag != _FP16_TAG:
        raise WeightsError(
            f"{weights}: the weights of {shape.name} have the tag {tag:#010x}; only weights in "
            f"half precision ({_FP16_TAG:#010x}) are read. Convert the network with ncnnoptimize, "
            "flag 65536"
        )
    end = 4 + 2 * shape.num_weights
    values = taken[4:end].view("<f2").reshape(shape.out_channels, -1, shape.side, shape.side)
    bias = taken[4 + _padded(2 * shape.num_weights) :].view("<f4")
    _check_finite(values, shape.name, weights)
    _check_finite(bias, shape.name, weights)
    return NcnnConvolution(shape.name, values, bias)


def _check_finite(
    values: NDArray[np.float16] | NDArray[np.float32], name: str, weights: Path
) -> None:
    # On the bits: an exponent of ones. numpy's isfinite is 13 times slower on half precision
    # (AVX-512, 2026-11).
    bits, exponent = (
        (values.view("<u2"), 0x7C00) if values.itemsize == 2 else (values.view("<u4"), 0x7F800000)
    )
    if bool(((bits & exponent) == exponent).any()):
        raise WeightsError(f"{weights}: {name} holds values that are not finite; get it again")


def _mapped(weights: Path, expected: int, param: Path) -> NDArray[np.uint8]:
    """Return the bytes of the file, which must be as many as expected."""
    try:
        size = os.stat(weights).st_size
        if size != expected:
            raise WeightsError(
                f"{weights}: has {size} bytes, but {param.name} describes {expected}; the two "
                "files do not belong together or one is damaged, get both again"
            )
        return np.memmap(weights, np.uint8, mode="c")
    except (OSError, ValueError) as error:
        raise WeightsError(f"{weights}: cannot be read ({error}); get the file again") from error


def _read_shapes(param: Path) -> list[_Shape]:
    lines = _param_text(param).splitlines()
    if len(lines) < 2 or lines[0].strip() != _MAGIC:
        raise WeightsError(f"{param}: is no .param file of ncnn: it does not begin with {_MAGIC}")
    counts = [_number(word, param, 2) for word in lines[1].split()]
    rows = [(at, line.split()) for at, line in enumerate(lines[2:], start=3) if line.strip()]
    if len(counts) != 2 or counts[0] != len(rows):
        raise WeightsError(
            f"{param}: names {len(rows)} layers where line 2 says {lines[1].strip()[:40]!r}; it is "
            "damaged, get it again"
        )
    shapes = list(_shapes(rows, param))
    if not shapes:
        raise WeightsError(f"{param}: describes no layer with weights")
    return shapes


def _shapes(rows: list[tuple[int, list[str]]], param: Path) -> Iterator[_Shape]:
    for at, words in rows:
        if len(words) < 4:
            raise WeightsError(f"{param}: line {at} is no layer of ncnn's; get the file again")
        kind, name = words[:2]
        if kind in _WITHOUT_WEIGHTS:
            continue
        num_blobs = _number(words[2], param, at) + _number(words[3], param, at)
        options = _options(words[4 + num_blobs :], param, at)
        if kind == "PReLU":
            channels = _number(options.get("0", "0"), param, at, least=1)
            yield _Shape(name, channels, 0, 0)
        elif kind == "Convolution":
            yield _convolution(name, options, param, at)
        else:
            raise WeightsError(
                f"{param}: line {at} is a layer of the kind {kind[:40]!r}; known are Convolution, "
                "PReLU and layers without weights"
            )


def _convolution(name: str, options: Mapping[str, str], param: Path, at: int) -> _Shape:
    channels, side, num_weights = (
        _number(options.get(key, "0"), param, at, least=1) for key in ("0", "1", "6")
    )
    if num_weights % (channels * side**2):
        raise WeightsError(
            f"{param}: line {at} has {num_weights} weights for {channels} channels and a kernel of "
            f"{side}x{side}, which does not divide them; get the file again"
        )
    has_bias = options.get("5", "0") == "1"
    is_square = options.get("11", options["1"]) == options["1"]
    if not has_bias or not is_square:
        raise WeightsError(
            f"{param}: line {at} is a convolution without bias or with a kernel that is not "
            "square; such networks are not read"
        )
    return _Shape(name, channels, num_weights, side)


def _options(words: list[str], param: Path, at: int) -> dict[str, str]:
    options: dict[str, str] = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not separator or key in options:
            raise WeightsError(f"{param}: line {at} has {word[:40]!r} for an option; get it again")
        options[key] = value
    return options


def _number(word: str, param: Path, at: int, *, least: int = 0) -> int:
    is_number = word.isascii() and word.isdigit() and len(word) <= 10
    if not is_number or not least <= int(word) <= _MAX_NUMBER:
        raise WeightsError(
            f"{param}: line {at} has {word[:40]!r} where a number from {least} to {_MAX_NUMBER} "
            "belongs; get the file again"
        )
    return int(word)


def _param_text(param: Path) -> str:
    try:
        size = os.stat(param).st_size
        if size > _MAX_PARAM_BYTES:
            raise WeightsError(
                f"{param}: has {size} bytes; a .param file has at most {_MAX_PARAM_BYTES}"
            )
        return param.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise WeightsError(f"{param}: cannot be read ({error}); get the file again") from error


def _padded(num_bytes: int) -> int:
    """Return the size with its padding to whole words of 4 bytes."""
    return (num_bytes + 3) // 4 * 4
