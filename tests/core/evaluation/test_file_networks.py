from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from liifgan_core.errors import WeightsError
from liifgan_core.evaluation.file_networks import load_file_network
from liifgan_core.evaluation.spandrel_import import import_spandrel
from tests.core.evaluation.conftest import save_edsr

CPU = torch.device("cpu")


def _rgb(height: int = 9, width: int = 7) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 1, (height, width, 3)).astype(np.float32)


def _by(network: nn.Module, rgb: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        sr = network(torch.from_numpy(rgb.transpose(2, 0, 1).copy())[None])
    return sr[0].permute(1, 2, 0).numpy()


@pytest.fixture
def esrgan() -> nn.Module:
    """A small RRDBNet, in the key names of ESRGAN's first release."""
    import_spandrel()
    from spandrel.architectures.ESRGAN import ESRGAN

    torch.manual_seed(0)
    return ESRGAN(num_filters=8, num_blocks=2, scale=4).eval()


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_an_edsr_file_is_that_network(scale: int, tmp_path: Path):
    network = save_edsr(tmp_path / "edsr.pt", scale=scale)
    loaded = load_file_network(tmp_path / "edsr.pt", CPU)
    assert loaded.scale == scale
    np.testing.assert_allclose(loaded.run(_rgb()), _by(network, _rgb()), atol=1e-5)


_WRAPPED: dict[str, Callable[[dict[str, Tensor]], object]] = {
    "plain": lambda state: state,
    "averaged": lambda state: {"params": {"x": torch.zeros(1)}, "params_ema": state},
    "lightning": lambda state: {"state_dict": state, "epoch": 3},
    "parallel": lambda state: {f"module.{key}": value for key, value in state.items()},
    "nested": lambda state: {"model": {"params": state}},
}


@pytest.mark.parametrize("wrap", _WRAPPED.values(), ids=_WRAPPED)
def test_the_state_is_found_where_training_programs_put_it(wrap, tmp_path: Path):
    network = save_edsr(tmp_path / "edsr.pth", scale=2)
    torch.save(wrap(network.state_dict()), tmp_path / "wrapped.pth")
    loaded = load_file_network(tmp_path / "wrapped.pth", CPU)
    np.testing.assert_allclose(loaded.run(_rgb()), _by(network, _rgb()), atol=1e-5)


def test_safetensors_are_read_too(tmp_path: Path):
    network = save_edsr(tmp_path / "edsr.pth", scale=4)
    save_file(network.state_dict(), tmp_path / "edsr.safetensors")
    loaded = load_file_network(tmp_path / "edsr.safetensors", CPU)
    np.testing.assert_allclose(loaded.run(_rgb()), _by(network, _rgb()), atol=1e-5)


def _first_release(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return state


def _real_esrgan(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the key names of Real-ESRGAN and BasicSR."""
    names = {"model.0": "conv_first", "model.1.sub.2": "conv_body"}
    names |= {"model.3": "conv_up1", "model.6": "conv_up2"}
    names |= {"model.8": "conv_hr", "model.10": "conv_last"}
    renamed = {}
    for key, value in state.items():
        stem, _, kind = key.rpartition(".")
        if stem in names:
            renamed[f"{names[stem]}.{kind}"] = value
        else:
            _, _, _, block, dense, conv, _, kind = key.split(".")
            renamed[f"body.{block}.{dense.lower()}.{conv}.{kind}"] = value
    return renamed


@pytest.mark.parametrize("rename", [_first_release, _real_esrgan])
def test_an_esrgan_file_is_that_network(rename, esrgan: nn.Module, tmp_path: Path):
    torch.save(rename(esrgan.state_dict()), tmp_path / "esrgan.pth")
    loaded = load_file_network(tmp_path / "esrgan.pth", CPU)
    assert loaded.scale == 4
    expected = _by(esrgan, _rgb()).clip(0.0, 1.0)
    np.testing.assert_allclose(loaded.run(_rgb()), expected, atol=1e-5)


def test_other_weights_have_another_fingerprint(tmp_path: Path):
    prints = set()
    for seed in (0, 1):
        save_edsr(tmp_path / f"{seed}.pth", scale=2, seed=seed)
        prints.add(load_file_network(tmp_path / f"{seed}.pth", CPU).fingerprint)
    assert len(prints) == 2


class _Evil:
    def __reduce__(self):
        return exec, ("raise SystemExit('code of a pickle was run')",)


def _write(path: Path, content: object) -> None:
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"garbage", "not a checkpoint that holds only tensors"),
        ({"a": _Evil()}, "not a checkpoint that holds only tensors"),
        ({"params": {"a": 1}}, "other things than tensors"),
        ([1, 2], "no named tensors"),
        ({"weight": torch.zeros(3)}, r"no network that is known here .*EDSR's formats"),
    ],
)
def test_what_is_no_network_is_an_error(content, message: str, tmp_path: Path):
    _write(tmp_path / "x.pth", content)
    with pytest.raises(WeightsError, match=rf"x\.pth: .*{message}"):
        load_file_network(tmp_path / "x.pth", CPU)


def test_networks_without_a_factor_are_refused(tmp_path: Path):
    import_spandrel()
    from spandrel.architectures.ESRGAN import ESRGAN

    torch.save(ESRGAN(num_filters=8, num_blocks=2, scale=1).state_dict(), tmp_path / "x1.pth")
    with pytest.raises(WeightsError, match="at x1; rows need RGB and a factor of at least 2"):
        load_file_network(tmp_path / "x1.pth", CPU)


def test_an_incomplete_edsr_is_an_error(tmp_path: Path):
    state = save_edsr(tmp_path / "edsr.pth", scale=4).state_dict()
    del state["body.1.body.2.bias"]
    torch.save(state, tmp_path / "edsr.pth")
    with pytest.raises(WeightsError, match=r"edsr\.pth: .*Missing key.*body\.1\.body\.2\.bias"):
        load_file_network(tmp_path / "edsr.pth", CPU)
