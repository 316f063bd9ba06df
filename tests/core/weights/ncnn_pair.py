"""Writes ncnn pairs by hand, byte by byte, without the reader's help."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from liifgan_core.models.config import RRDBConfig, SRVGGConfig

Weights = np.ndarray
"""Four axes: a convolution's (out, in, k, k). One: a PReLU's slopes."""
Layers = list[tuple[Weights, ...]]


def convolution(weight: Weights, bias: Weights) -> bytes:
    """Return a convolution as it lies in a .bin file."""
    values = b"".join(struct.pack("<e", value) for value in weight.ravel().tolist())
    padding = b"\0" * (-len(values) % 4)
    biases = struct.pack(f"<{bias.size}f", *bias.tolist())
    return b"\x47\x6b\x30\x01" + values + padding + biases


def prelu(slopes: Weights) -> bytes:
    """Return a PReLU as it lies in a .bin file."""
    return struct.pack(f"<{slopes.size}f", *slopes.tolist())


def param_text(layers: Sequence[tuple[Weights, ...]]) -> str:
    """Return the .param of layers one after the other: (weight, bias) or (slopes,)."""
    lines = ["Input in 0 1 b0"]
    for number, layer in enumerate(layers):
        head = f"l{number} 1 1 b{number} b{number + 1} 0={layer[0].shape[0]}"
        if len(layer) == 1:
            lines.append(f"PReLU {head}")
        else:
            side = layer[0].shape[-1]
            lines.append(
                f"Convolution {head} 1={side} 4={side // 2} 5=1 6={layer[0].size} 9=2 "
                "-23310=1,2.000000e-01"
            )
    return "\n".join(["7767517", f"{len(lines)} {len(lines)}", *lines, ""])


def write_pair(folder: Path, layers: Sequence[tuple[Weights, ...]]) -> tuple[Path, Path]:
    """Write n.param and n.bin and return their paths."""
    content = b"".join(convolution(*one) if len(one) == 2 else prelu(*one) for one in layers)
    (folder / "n.param").write_text(param_text(layers))
    (folder / "n.bin").write_bytes(content)
    return folder / "n.param", folder / "n.bin"


def random_layer(rng: np.random.Generator, *shape: int) -> tuple[Weights, ...]:
    """Return a convolution (weight, bias) of four axes or a PReLU (slopes,) of one.

    Weights are numbers of half precision, in float32.
    """
    values = rng.normal(0.0, 0.15, shape).astype(np.float16).astype(np.float32)
    if len(shape) == 1:
        return (values,)
    return values, rng.normal(0.0, 0.1, shape[0]).astype(np.float32)


def rrdb_layers(config: RRDBConfig) -> Layers:
    """Return random layers of a network in the order of its file."""
    rng, width, growth = np.random.default_rng(1), config.num_features, config.num_growth
    shapes = [(width, 3)]
    for _ in range(3 * config.num_blocks):
        shapes += [(growth, width + growth * number) for number in range(4)]
        shapes += [(width, width + 4 * growth)]
    shapes += [(width, width)] * 4 + [(3, width)]
    return [random_layer(rng, *shape, 3, 3) for shape in shapes]


def srvgg_layers(config: SRVGGConfig) -> Layers:
    """Return random layers of a network in the order of its file."""
    rng, width = np.random.default_rng(2), config.num_features
    layers: Layers = []
    for number in range(config.num_convs + 1):
        layers += [random_layer(rng, width, width if number else 3, 3, 3)]
        layers += [random_layer(rng, width)]
    return [*layers, random_layer(rng, 48, width, 3, 3)]
