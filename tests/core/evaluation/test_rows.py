from pathlib import Path

import numpy as np
import pytest
import torch

from liifgan_core.errors import LiifganError, WeightsError
from liifgan_core.evaluation import rows
from liifgan_core.evaluation.rows import RowSpec, open_methods, parse_rows
from liifgan_core.geometry import Size
from liifgan_core.models.liif import LIIF
from liifgan_core.weights.registry import Facts
from liifgan_core.weights.store import save_weights
from liifgan_core.weights.trunk_store import load_network
from liifgan_core.weights.trunks import NETWORKS
from tests.conftest import PROVENANCE
from tests.core.evaluation.conftest import save_edsr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bicubic", RowSpec(None, "bicubic", None)),
        ("liif-gan@0.5", RowSpec(None, "liif-gan", 0.5)),
        ("liif-gan@0", RowSpec(None, "liif-gan", 0.0)),
        ("Half way=liif-gan@.5", RowSpec("Half way", "liif-gan", 0.5)),
        ("runs/a@b/model.safetensors", RowSpec(None, "runs/a@b/model.safetensors", None)),
        ("EDSR (x4)=file:a/edsr.pth", RowSpec("EDSR (x4)", "file:a/edsr.pth", None)),
        (" realesrgan-x4plus ", RowSpec(None, "realesrgan-x4plus", None)),
    ],
)
def test_a_row_is_a_label_a_source_and_a_strength(text: str, expected: RowSpec):
    assert parse_rows([text]) == (expected,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("liif-gan@2.5", "a number from 0 to 1.5"),
        ("bicubic@1", "only LIIF models"),
        ("file:a.pth@1", "only LIIF models"),
        ("realsr@1", "only LIIF models"),
        (" ", "no model is asked for"),
    ],
)
def test_wrong_rows_are_errors(text: str, message: str):
    with pytest.raises(LiifganError, match=message):
        parse_rows([text])


def _labels(*texts: str, detail: float = 1.0) -> list[str]:
    methods = open_methods(parse_rows(texts), detail=detail, device="cpu", precision="fp32")
    return [method.label for method in methods]


def test_rows_are_called_after_their_model_and_its_strength(
    tiny_weights: Path, detail_weights: Path
):
    texts = ["bicubic", "tiny", "tiny-detail", "tiny-detail@0", f"{detail_weights}@0.25", "A=tiny"]
    assert _labels(*texts) == [
        *("bicubic", "tiny", "tiny-detail", "tiny-detail@0", "tiny-detail@0.25", "A"),
    ]
    assert _labels("tiny", "tiny-detail", detail=0.5) == ["tiny", "tiny-detail@0.5"]
    assert tiny_weights.is_file()


def test_rows_of_one_model_share_its_weights(detail_weights: Path, monkeypatch: pytest.MonkeyPatch):
    loads = []
    load = rows.load_model

    def counted(name: str, **options: str):
        loads.append(name)
        return load(name, **options)

    monkeypatch.setattr(rows, "load_model", counted)
    assert len(_labels("tiny-detail@0", "tiny-detail@1", "tiny-detail@1.5")) == 3
    assert loads == ["tiny-detail"]


def test_two_rows_of_one_name_are_an_error(detail_weights: Path):
    with pytest.raises(LiifganError, match=r"two rows are called 'tiny-detail'; name them"):
        _labels("tiny-detail", str(detail_weights))


def test_the_name_of_the_originals_row_is_taken():
    with pytest.raises(LiifganError, match="a row cannot be called 'original'"):
        _labels("original=bicubic")


def test_a_strength_without_a_detail_layer_is_an_error(tiny_weights: Path):
    assert tiny_weights.is_file()
    with pytest.raises(LiifganError, match=r"tiny has no detail layer; leave '@0\.5' out"):
        _labels("tiny@0.5")


def test_what_is_not_there_is_an_error(tmp_path: Path):
    with pytest.raises(WeightsError, match="no model 'liif-gan'"):
        _labels("liif-gan")
    with pytest.raises(WeightsError, match=r"gone\.pth: there is no such file"):
        _labels(f"file:{tmp_path / 'gone.pth'}")


@pytest.mark.parametrize("name", ["realsr", "realesrgan-x4plus", "general-x4v3"])
def test_networks_that_models_are_built_on_are_rows_of_their_factor(name: str):
    [method] = open_methods(parse_rows([name]), device="cpu")
    assert (method.label, method.least_scale) == (name, 4.0)
    assert method.is_gan
    assert method.fingerprint == f"{NETWORKS[name].sha256} float32"
    lr = np.random.default_rng(0).integers(0, 256, (9, 8, 3), np.uint8)
    sr = method.upscale(lr, Size(36, 32))
    image = torch.from_numpy(lr.astype(np.float32) / 255).permute(2, 0, 1)[None]
    expected = load_network(name)(image)[0].permute(1, 2, 0).clamp(0, 1)
    np.testing.assert_allclose(sr, expected.numpy(), atol=1e-5)
    assert method.upscale(lr, Size(45, 40)).shape == (45, 40, 3)


def test_a_checkpoint_file_becomes_a_row_of_its_factor(tmp_path: Path):
    save_edsr(tmp_path / "edsr.pth", scale=3)
    [method] = open_methods(parse_rows([f"file:{tmp_path / 'edsr.pth'}"]), device="cpu")
    assert (method.label, method.least_scale) == ("edsr", 3.0)
    assert not method.is_gan


def test_a_row_is_a_gan_by_its_models_facts_unless_its_detail_is_left_out(
    detail_weights: Path, tiny_network: LIIF
):
    facts = Facts(is_gan=True, cleans=False)
    save_weights(detail_weights.with_stem("mine"), tiny_network, PROVENANCE, facts=facts)
    save_weights(detail_weights.with_stem("elegant"), tiny_network, PROVENANCE)
    texts = ["bicubic", "tiny-detail", "none=tiny-detail@0", "mine", "elegant", "a gan=elegant"]
    methods = open_methods(parse_rows(texts), device="cpu")
    assert [method.is_gan for method in methods] == [False, True, False, True, False, False]
