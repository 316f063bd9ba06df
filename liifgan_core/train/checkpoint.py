"""Training state on disk: one safetensors file, written whole or not at all, checked when read.

Tensors are named `<group>.<name>`; everything else is JSON in the header, with a SHA-256 over all
tensors.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from liifgan_core.errors import LiifganError
from liifgan_core.files.whole import write_whole
from liifgan_core.train.config import Arithmetic, TrainConfig
from liifgan_core.train.lesson_key import LessonKey
from liifgan_core.train.retired import RetiredError, without_retired

_HEADER_KEY = "liifgan-training"
_VERSION = 3
_WITH_RETIRED = 2
"""The version whose recipes may name what `retired` has gone without."""


class CheckpointError(LiifganError):
    """A checkpoint is missing, damaged, not finite, or of another run."""


class CheckpointHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a checkpoint knows beside its tensors."""

    version: int
    step: int
    """Steps that are done."""
    num_steps: int
    """Steps of the whole run."""
    config: TrainConfig
    arithmetic: Arithmetic
    data_fingerprint: str
    """Of the training images; equal for equal files."""
    world_size: int
    seconds: float
    """Time spent in training so far."""
    teacher_sha256: str = ""
    """Of the weights that the structure layer learns from; empty without."""
    lessons: LessonKey | None = None
    """What the lessons of a taught run were made of."""
    tensors_sha256: str = ""


def _header(path: Path, told: str) -> CheckpointHeader:
    content: dict[str, Any] = msgspec.json.decode(told)
    if content["version"] == _WITH_RETIRED:
        try:
            content["config"] = without_retired(content["config"])
        except RetiredError as error:
            raise CheckpointError(
                f"{path}: {error}; finish it with the version of LIIF-GAN that began it, or start "
                "a new run from its weights with --init and another --out"
            ) from error
    return msgspec.convert(content, CheckpointHeader)


class _Versioned(msgspec.Struct):
    """All that checkpoints of every version have in common."""

    version: int


def save_checkpoint(path: Path, header: CheckpointHeader, tensors: Mapping[str, Tensor]) -> None:
    """Write a checkpoint; an existing one is replaced only by a whole new one.

    Raises CheckpointError when the folder cannot be written or a tensor is not finite.
    """
    kept = {name: t.detach().cpu().contiguous() for name, t in tensors.items()}
    _check_finite(path, kept)
    header = msgspec.structs.replace(header, tensors_sha256=tensors_digest(kept))
    content = save(kept, {_HEADER_KEY: msgspec.json.encode(header).decode()})
    try:
        write_whole(path, content)
    except OSError as error:
        raise CheckpointError(
            f"{path}: the checkpoint cannot be written ({error.strerror}); free some space or "
            "choose another --out"
        ) from error


def load_checkpoint(path: Path) -> tuple[CheckpointHeader, dict[str, Tensor]]:
    """Return a checkpoint's header and tensors, on the CPU.

    Raises CheckpointError when it is missing, damaged, from another version, or holds values that
    are not finite.
    """
    if not path.is_file():
        raise CheckpointError(f"{path}: there is no checkpoint to resume; start without --resume")
    way_out = "start again without --resume, in another --out"
    try:
        with safe_open(path, framework="pt") as file:
            told = (file.metadata() or {})[_HEADER_KEY]
            version = msgspec.json.decode(told, type=_Versioned).version
            if version not in (_VERSION, _WITH_RETIRED):
                raise CheckpointError(
                    f"{path}: a checkpoint of version {version}, this program reads {_VERSION}; "
                    f"{way_out}, or finish it with the version of LIIF-GAN that began it"
                )
            header = _header(path, told)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, KeyError, msgspec.DecodeError, ValueError) as error:
        raise CheckpointError(f"{path}: a damaged checkpoint ({error}); {way_out}") from error
    if tensors_digest(tensors) != header.tensors_sha256:
        raise CheckpointError(f"{path}: a damaged checkpoint (SHA-256 differs); {way_out}")
    _check_finite(path, tensors)
    return header, tensors


def new_header(
    *,
    step: int,
    num_steps: int,
    config: TrainConfig,
    arithmetic: Arithmetic,
    data_fingerprint: str,
    world_size: int,
    seconds: float,
    teacher_sha256: str = "",
    lessons: LessonKey | None = None,
) -> CheckpointHeader:
    """Return a header of this version."""
    return CheckpointHeader(
        version=_VERSION,
        step=step,
        num_steps=num_steps,
        config=config,
        arithmetic=arithmetic,
        data_fingerprint=data_fingerprint,
        world_size=world_size,
        seconds=seconds,
        teacher_sha256=teacher_sha256,
        lessons=lessons,
    )


def tensors_digest(tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 over the names and bytes of tensors on the CPU."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def grouped(name: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors with `<name>.` before their names."""
    return {f"{name}.{key}": tensor for key, tensor in tensors.items()}


def ungrouped(name: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return one group's tensors under their own names."""
    start = f"{name}."
    return {key[len(start) :]: t for key, t in tensors.items() if key.startswith(start)}


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return the optimiser's state as `<number of parameter>.<key>`; rates are not part of it."""
    state: dict[int, dict[str, Any]] = optimiser.state_dict()["state"]
    return {
        f"{number}.{key}": torch.as_tensor(value)
        for number, values in state.items()
        for key, value in values.items()
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Give a fresh optimiser over the same parameters the state of `optimiser_tensors`."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        number, _, key = name.partition(".")
        state.setdefault(int(number), {})[key] = tensor
    content = optimiser.state_dict()
    content["state"] = state
    optimiser.load_state_dict(content)


def _check_finite(path: Path, tensors: Mapping[str, Tensor]) -> None:
    broken: Iterable[str] = (
        name
        for name, tensor in tensors.items()
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all())
    )
    first = next(iter(broken), None)
    if first is not None:
        raise CheckpointError(
            f"{path}: {first} holds values that are not finite numbers, which is neither saved nor "
            "resumed; start again without --resume, in another --out, with a lower learning rate"
        )
