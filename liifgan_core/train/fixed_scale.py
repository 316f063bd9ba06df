"""EDSR at one factor from a LIIF encoder: the row that a continuous decoder is compared with.

The encoder is that of a LIIF model, behind it is EDSR's pixel-shuffle head, and the loss is L1:
what differs from LIIF is the decoder only. The result is a file in the key names of EDSR's authors,
for `liifgan evaluate --models file:...`.
"""

from collections.abc import Callable, Generator, Mapping
from pathlib import Path

import msgspec
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image as PillowImage
from safetensors.torch import save
from torch import Tensor

from liifgan_core.errors import WeightsError
from liifgan_core.evaluation.metrics import psnr
from liifgan_core.files.whole import write_whole
from liifgan_core.models.edsr_upscaler import EDSRUpscaler
from liifgan_core.progress import CancelToken, Progress
from liifgan_core.train.card import WEIGHTS_NAME
from liifgan_core.train.checkpoint import grouped, ungrouped
from liifgan_core.train.config import Arithmetic, TrainConfig
from liifgan_core.train.learner import RunFacts
from liifgan_core.train.photos import Photos
from liifgan_core.train.processes import Processes
from liifgan_core.train.request import StepReport
from liifgan_core.train.sampling import Batch
from liifgan_core.train.updates import ClippedAdam, FiniteGuard
from liifgan_core.weights.registry import file_sha256, find_model
from liifgan_core.weights.store import load_weights


def upscaler_from_liif(path: Path, *, scale: int, seed: int) -> EDSRUpscaler:
    """Return an upscaler for a factor with the encoder of a LIIF weights file and a random head.

    Raises WeightsError for an encoder that is not a plain EDSR.
    """
    source = load_weights(path).network
    config = source.encoder.config
    if config.num_deep_blocks or config.residual_scale != 1.0:
        raise WeightsError(
            f"{path}: its encoder has deep blocks or scaled residuals, which EDSR's format lacks; "
            "start from a model such as liif"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = EDSRUpscaler(
            num_features=config.num_features, num_blocks=config.num_blocks, scale=scale
        )
    state = network.state_dict()
    encoder = source.encoder.state_dict()
    for kind in ("weight", "bias"):
        state[f"head.0.{kind}"] = encoder[f"head.{kind}"]
        state[f"body.{config.num_blocks}.{kind}"] = encoder[f"tail.{kind}"]
        for block in range(config.num_blocks):
            for ours, theirs in (("conv1", 0), ("conv2", 2)):
                name = f"body.{block}.body.{theirs}.{kind}"
                state[name] = encoder[f"blocks.{block}.{ours}.{kind}"]
    # LIIF's range is [-1, 1] where EDSR's files go from 0..255 to a mean of zero.
    unit = torch.eye(3).view(3, 3, 1, 1)
    state["sub_mean.weight"], state["sub_mean.bias"] = unit / 127.5, torch.full((3,), -1.0)
    state["add_mean.weight"], state["add_mean.bias"] = unit * 127.5, torch.full((3,), 127.5)
    network.load_state_dict(state)
    return network


class FixedScaleState:
    """Network and optimiser of a run at one factor: a `Learner`."""

    def __init__(
        self,
        config: TrainConfig,
        network: EDSRUpscaler,
        *,
        processes: Processes,
        arithmetic: Arithmetic,
    ) -> None:
        self.network = network
        self._device = processes.device
        self._half = arithmetic.half
        self._shared = processes.share(network)
        trained = [p for p in network.parameters() if p.requires_grad]
        self._optimiser = ClippedAdam(
            trained, config.learning_rate, betas=config.betas, max_norm=config.max_gradient_norm
        )
        self._guard = FiniteGuard(trained, ("network",), device=self._device)

    @property
    def output(self) -> Mapping[str, Tensor]:
        """The last weights."""
        return self.network.state_dict()

    def step(self, batch: Batch, *, step: int, rate: float) -> dict[str, Tensor]:
        """Take a step; return the L1, in the range of [-1, 1] as other recipes have it."""
        before = self._guard.snapshot()
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._half):
            result_BChw = self._shared(batch.lr_BCHW)
        loss = F.l1_loss(result_BChw.float() * 2.0 - 1.0, batch.hr_BCPP)
        norm = self._optimiser.gradients(loss)
        self._optimiser.apply(rate)
        self._guard.settle(before, {"network": (loss.detach(), norm)}, step=step)
        return {"l1": loss.detach()}

    def check(self) -> None:
        """Raise NotFiniteError if a step so far was not taken; waits for the device."""
        self._guard.check()

    def tensors(self) -> dict[str, Tensor]:
        """Return what a checkpoint must hold; raises NotFiniteError as `check` does."""
        self.check()
        found = grouped("network", self.network.state_dict())
        return found | grouped("optimiser", self._optimiser.tensors())

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take the state of `tensors`; raises RuntimeError or KeyError when it is another run's."""
        self.network.load_state_dict(ungrouped("network", tensors))
        self._optimiser.restore(ungrouped("optimiser", tensors))


class FixedScaleCourse:
    """A `Course` whose learner is an EDSR at one factor."""

    lessons = None
    teacher_sha256 = ""

    def __init__(
        self, config: TrainConfig, photos: Photos, processes: Processes, arithmetic: Arithmetic
    ) -> None:
        """Raises WeightsError, in all processes."""
        assert config.init is not None
        assert config.fixed_scale is not None
        self._config = config
        self._photos = photos
        self._processes = processes
        self._scale = config.fixed_scale
        with processes.together():
            self._init = find_model(config.init)
            network = upscaler_from_liif(self._init, scale=self._scale, seed=config.seed)
        self.learner = FixedScaleState(config, network, processes=processes, arithmetic=arithmetic)

    def prepare(
        self, progress: Progress, cancel: CancelToken, report: Callable[[StepReport], None]
    ) -> None:
        """Do nothing: samples are drawn as steps go on."""

    def batches(self, start_step: int, stop_step: int) -> Generator[Batch]:
        """Yield this process' share of the steps' batches."""
        return self._photos.batches(self._config, self._processes, start_step, stop_step)

    def measure(self, pictures: Path, check: Callable[[], None]) -> dict[str, float]:
        """Return the mean PSNR of the validation crops at the factor; there are no pictures."""
        values: list[float] = []
        for crop in self._photos.validation.crops:
            check()
            values.append(_psnr(self.learner.network, crop))
        return {f"val/x{self._scale}/psnr": float(np.mean(values))}

    def write(self, out: Path, facts: RunFacts) -> Path:
        """Write a file in the key names of EDSR's authors; return its path."""
        path = out / WEIGHTS_NAME
        state = self.learner.output
        tensors = {name: t.detach().cpu().contiguous() for name, t in state.items()}
        about = {
            "recipe": self._config.name,
            "steps": facts.steps,
            "init": self._init.name,
            "init_sha256": file_sha256(self._init),
        }
        content = save(tensors, {"liifgan-edsr": msgspec.json.encode(about).decode()})
        try:
            write_whole(path, content)
        except OSError as error:
            raise WeightsError(f"{path}: cannot be written ({error.strerror})") from error
        return path


def _psnr(network: EDSRUpscaler, crop: NDArray[np.uint8]) -> float:
    """Return the PSNR of a crop, RGB within a border of the factor."""
    height, width = (side // network.scale for side in crop.shape[:2])
    hr = np.ascontiguousarray(crop[: height * network.scale, : width * network.scale])
    lr = PillowImage.fromarray(hr).resize((width, height), PillowImage.Resampling.BICUBIC)
    lr_HWC = torch.from_numpy(np.array(lr)).float() / 255.0
    device = next(network.parameters()).device
    with torch.inference_mode():
        sr_BChw = network(lr_HWC.permute(2, 0, 1)[None].to(device)).clamp(0.0, 1.0)
    sr = sr_BChw[0].permute(1, 2, 0).cpu().numpy()
    return psnr(sr, hr.astype(np.float32) / 255.0, border=network.scale, on_luma=False)
