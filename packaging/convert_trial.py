"""Makes a start for a taught run of a trial's checkpoint, once.

`python packaging/convert_trial.py readout-realsr-x4.pt start-readout.safetensors` and the same with
`short6-x4.pt`: plain state dicts of half precision, whose keys are `h.*` for four residual blocks
and a readout at x4 on RealSR's features, and `m.*` for six of RealSR's blocks, trained further.
Blocks and trunk are taken; the readout at x4 is not, since a field's differs: it starts at zero.
The model's encoder and structure layer are those of `liif-air`, and it is given to a run by
`--init`: the first for `cpu_liif_gan`, the second for `cpu_liif_gan_fast`, whose steps go on from
the 8,150 of that trial.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from liifgan_core.models.encoders import ResidualBlock  # noqa: E402
from liifgan_core.models.field_decoder import FieldDecoder  # noqa: E402
from liifgan_core.models.liif import LIIF  # noqa: E402
from liifgan_core.models.rrdb import RRDBTrunk  # noqa: E402
from liifgan_core.train.generator import build_generator  # noqa: E402
from liifgan_core.train.recipes import find_recipe  # noqa: E402
from liifgan_core.weights.registry import Provenance, file_sha256, find_model  # noqa: E402
from liifgan_core.weights.store import save_weights  # noqa: E402
from liifgan_core.weights.trunks import NETWORKS  # noqa: E402

TRIALS = {
    "readout-realsr-x4": ("cpu_liif_gan", 1000),
    "short6-x4": ("cpu_liif_gan_fast", 8150),
}
"""Each trial's recipe, and the steps that it was trained for."""
_CONVOLUTIONS_OF_A_DENSE_BLOCK = 5


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(description="Makes a start for a taught run of a trial's.")
    parser.add_argument("checkpoint", type=Path, help=f"{' or '.join(TRIALS)}, .pt")
    parser.add_argument("out", type=Path, help="a .safetensors file")
    given = parser.parse_args()
    if given.checkpoint.stem not in TRIALS:
        raise SystemExit(f"{given.checkpoint} is none of {', '.join(TRIALS)}")
    print(convert(given.checkpoint, given.out))


def convert(checkpoint: Path, out: Path) -> Path:
    """Write a trial's blocks, and its trunk if it has one, as a model; return its path."""
    recipe, steps = TRIALS[checkpoint.stem]
    tensors: Mapping[str, Tensor] = torch.load(checkpoint, weights_only=True)
    config = find_recipe(recipe)
    network = build_generator(config.network, find_model(config.init), seed=0)
    used = take(network, tensors)
    left_over = {name for name in tensors if name not in used and not name.startswith("h.o.")}
    if left_over:
        raise SystemExit(f"{checkpoint}: {sorted(left_over)} have no place in {recipe}'s network")
    teacher = NETWORKS["realsr"]
    save_weights(
        out,
        network,
        Provenance(
            licence=f"derived from weights under: {teacher.licence}",
            origin=f"{checkpoint.name}, {steps} steps at x4 alone, taught the pictures of RealSR",
            trained_scales=(4.0, 4.0),
            source_sha256=file_sha256(checkpoint),
        ),
    )
    return out


def take(network: LIIF, tensors: Mapping[str, Tensor]) -> set[str]:
    """Copy a trial's blocks and trunk into a network; return the keys that were used."""
    assert isinstance(network.detail, FieldDecoder)
    places: dict[str, nn.Module] = {}
    for number, block in enumerate(network.detail.blocks):
        assert isinstance(block, ResidualBlock)
        places |= {f"h.b.{number}.a": block.conv1, f"h.b.{number}.b": block.conv2}
    used: set[str] = set()
    trunk = network.detail_encoder
    if "m.scale" in tensors:
        assert isinstance(trunk, RRDBTrunk)
        places |= {"m.first": trunk.conv_first, "m.body": trunk.conv_body}
        for number, block in enumerate(trunk.blocks):
            convolutions = [part for part in block.modules() if isinstance(part, nn.Conv2d)]
            for place, convolution in enumerate(convolutions):
                dense, inside = divmod(place, _CONVOLUTIONS_OF_A_DENSE_BLOCK)
                places[f"m.b.{number}.{dense}.c.{inside}"] = convolution
        trunk.block_factors.data.copy_(tensors["m.scale"])
        used.add("m.scale")
    for key, module in places.items():
        state = {kind: tensors[f"{key}.{kind}"].float() for kind in ("weight", "bias")}
        module.load_state_dict(state)
        used |= {f"{key}.{kind}" for kind in state}
    return used


if __name__ == "__main__":
    main()
