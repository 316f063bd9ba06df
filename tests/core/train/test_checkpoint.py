from pathlib import Path

import msgspec
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from liifgan_core.train.checkpoint import (
    CheckpointError,
    grouped,
    load_checkpoint,
    new_header,
    optimiser_tensors,
    restore_optimiser,
    save_checkpoint,
    ungrouped,
)
from liifgan_core.train.config import Arithmetic, TrainConfig

TENSORS = {"network.a": torch.arange(6.0).view(2, 3), "critic.count": torch.tensor(3)}


@pytest.fixture
def path(tmp_path: Path, config: TrainConfig) -> Path:
    header = new_header(
        step=7,
        num_steps=20,
        config=config,
        arithmetic=Arithmetic(half=True),
        data_fingerprint="abc",
        world_size=1,
        seconds=1.5,
    )
    save_checkpoint(tmp_path / "c.safetensors", header, TENSORS)
    return tmp_path / "c.safetensors"


def test_what_was_saved_is_loaded(path: Path, config: TrainConfig):
    header, tensors = load_checkpoint(path)
    assert (header.step, header.config, header.arithmetic.half) == (7, config, True)
    assert tensors.keys() == TENSORS.keys()
    assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)
    assert list(path.parent.iterdir()) == [path]


def test_a_changed_byte_is_noticed(path: Path):
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="SHA-256 differs"):
        load_checkpoint(path)


@pytest.mark.parametrize("keep", [0, 5, 100, -4])
def test_a_cut_off_file_is_refused(path: Path, keep: int):
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(CheckpointError, match=r"damaged.*without --resume"):
        load_checkpoint(path)


def test_a_missing_file_is_an_error(tmp_path: Path):
    with pytest.raises(CheckpointError, match="no checkpoint to resume"):
        load_checkpoint(tmp_path / "c.safetensors")


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_values_that_are_not_finite_are_neither_saved_nor_loaded(
    value: float, path: Path, monkeypatch: pytest.MonkeyPatch
):
    header, tensors = load_checkpoint(path)
    tensors["network.a"][0, 0] = value
    message = r"network\.a holds values that are not finite"
    with pytest.raises(CheckpointError, match=message):
        save_checkpoint(path, header, tensors)
    assert load_checkpoint(path)[0].step == 7

    with monkeypatch.context() as patch:
        patch.setattr("liifgan_core.train.checkpoint._check_finite", lambda *_: None)
        save_checkpoint(path, header, tensors)
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [(None, "damaged"), ({"liifgan-training": "{}"}, "damaged"), ("version", "of version 99")],
)
def test_files_of_others_and_of_other_versions_are_refused(
    metadata: dict[str, str] | str | None, message: str, path: Path
):
    if metadata == "version":
        header, _ = load_checkpoint(path)
        save_checkpoint(path, msgspec.structs.replace(header, version=99), TENSORS)
    else:
        save_file(TENSORS, path, metadata)
    with pytest.raises(CheckpointError, match=message):
        load_checkpoint(path)


RETIRED = {
    "structure_init": None,
    "loss": {"detail_start_step": 0, "artefact": 0.0},
    "gan": {"kind": "vanilla", "label_smoothing": 0.0},
}


def _of_version_2(path: Path, changes: dict[str, dict[str, object]]) -> None:
    """Rewrite a checkpoint as version 2 did, with settings that are gone since."""
    with safe_open(path, framework="pt") as file:
        header = msgspec.json.decode(file.metadata()["liifgan-training"])
    config = header["config"]
    del config["fixed_scale"]
    config["structure_init"] = RETIRED["structure_init"]
    config["loss"] |= RETIRED["loss"] | changes.get("loss", {})
    config["loss"]["gan"] |= RETIRED["gan"] | changes.get("gan", {})
    content = msgspec.json.encode(header | {"version": 2}).decode()
    save_file(TENSORS, path, {"liifgan-training": content})


def test_a_checkpoint_of_before_is_read_as_if_it_were_of_now(path: Path, config: TrainConfig):
    before, _ = load_checkpoint(path)
    _of_version_2(path, {})
    header, tensors = load_checkpoint(path)
    assert header == msgspec.structs.replace(before, version=2)
    assert header.config == config
    assert tensors.keys() == TENSORS.keys()


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"loss": {"artefact": 0.1}}, "loss.artefact"),
        ({"gan": {"kind": "relativistic"}}, "loss.gan.kind"),
    ],
)
def test_a_checkpoint_that_used_what_is_gone_is_refused_by_name(
    changes: dict[str, dict[str, object]], name: str, path: Path
):
    _of_version_2(path, changes)
    with pytest.raises(CheckpointError, match=f"uses {name}, which this version has no more"):
        load_checkpoint(path)


def test_groups_are_taken_apart_again():
    tensors = {"a.b": torch.zeros(1)}
    assert ungrouped("group", grouped("group", tensors) | {"other.c": torch.ones(1)}) == tensors


def test_an_optimiser_goes_on_exactly():
    def optimise(steps: int, saved: dict[str, torch.Tensor] | None, start: torch.Tensor):
        value = start.clone().requires_grad_()
        optimiser = torch.optim.Adam([value], 0.1)
        if saved is not None:
            restore_optimiser(optimiser, saved)
        for _ in range(steps):
            optimiser.zero_grad()
            value.square().sum().backward()
            optimiser.step()
        return value.detach(), optimiser_tensors(optimiser)

    start = torch.tensor([1.0, -2.0])
    whole, _ = optimise(4, None, start)
    half, state = optimise(2, None, start)
    assert torch.equal(optimise(2, state, half)[0], whole)
