"""Makes a shipped model of a training run: `python packaging/prepare_weights.py RUN NAME`.

Writes `resources/weights/NAME.safetensors`, stored in half precision, and the run's card beside it,
with the weaknesses that are given by `--weakness`, once for each. Networks compute in float32
whatever their files hold. `--strength 4:1 --strength 8:0.7` says how much detail is advised at
which factor. Then `python -m tests.core.goldens NAME` draws the model's golden crop.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import torch

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from liifgan_core.files.whole import write_whole  # noqa: E402
from liifgan_core.train.card import (  # noqa: E402
    CARD_NAME,
    WEIGHTS_NAME,
    facts_of,
    read_card,
    without_folders,
)
from liifgan_core.weights.registry import file_sha256, read_header  # noqa: E402
from liifgan_core.weights.store import load_weights, save_weights  # noqa: E402
from liifgan_core.weights.trunks import network_named  # noqa: E402

MAX_BYTES = 16_000_000
"""A repository is no place for more."""
LICENCE = "BSD-3-Clause, (c) 2026 the LIIF-GAN developers; parts (c) 2020 Yinbo Chen"


def main() -> None:
    """Read the command line and write both files."""
    parser = argparse.ArgumentParser(description="Makes a shipped model of a training run.")
    parser.add_argument("run", type=Path, help="folder with model.safetensors and model.json")
    parser.add_argument("name", help="name of the model, such as liif-gan")
    parser.add_argument("--weakness", action="append", default=[], help="a sentence for its card")
    parser.add_argument(
        "--strength",
        action="append",
        default=[],
        type=_strength,
        metavar="FACTOR:STRENGTH",
        help="detail strength that is advised at a factor",
    )
    given = parser.parse_args()
    folder = ROOT / "resources" / "weights"
    print(prepare(given.run, given.name, given.weakness, folder, strengths=given.strength))


def prepare(
    run: Path,
    name: str,
    weaknesses: list[str],
    folder: Path,
    *,
    strengths: Sequence[tuple[float, float]] = (),
) -> Path:
    """Write a run's model to a folder under a name and return the weights' path.

    `strengths` are (factor, advised strength of detail); none: 1 at any factor.
    """
    card = read_card((run / CARD_NAME).read_bytes())
    if file_sha256(run / WEIGHTS_NAME) != card.sha256:
        raise SystemExit(f"{run / CARD_NAME} is not the card of the weights beside it")
    network = load_weights(run / WEIGHTS_NAME).network.to(torch.float16)
    header = read_header(run / WEIGHTS_NAME)
    provenance = header.provenance
    # Runs from before there were facts have none in their file, but the recipe in their card.
    facts = header.facts or facts_of(card.recipe, card.init, card.teacher)
    facts = msgspec.structs.replace(facts, default_strength=tuple(sorted(strengths)))
    origin = provenance.origin.replace(CARD_NAME, f"{name}.json")
    licence = LICENCE
    if card.recipe.taught is not None:
        teacher = network_named(card.recipe.taught.lessons.teacher)
        licence += f"; derived from {teacher.title}: {teacher.licence}"
    provenance = msgspec.structs.replace(provenance, licence=licence, origin=origin)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.safetensors"
    save_weights(path, network, provenance, facts=facts)
    if path.stat().st_size > MAX_BYTES:
        raise SystemExit(f"{path} has {path.stat().st_size} bytes, more than {MAX_BYTES}")
    card = msgspec.structs.replace(
        card,
        recipe=without_folders(card.recipe),
        weaknesses=weaknesses,
        sha256=file_sha256(path),
    )
    write_whole(path.with_suffix(".json"), msgspec.json.format(msgspec.json.encode(card)))
    return path


def _strength(text: str) -> tuple[float, float]:
    factor, strength = text.split(":")
    return float(factor), float(strength)


if __name__ == "__main__":
    main()
