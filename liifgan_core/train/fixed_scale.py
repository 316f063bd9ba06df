"""EDSR at a fixed x4 from a LIIF encoder: the row that a continuous decoder is compared with.

The encoder is that of a LIIF model, behind it is EDSR's pixel-shuffle head, and the loss is L1:
what differs from LIIF is the decoder only. The result is a file in the key names of EDSR's authors,
for `liifgan evaluate --models file:...`.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image as PillowImage
from safetensors.torch import save
from torch import Tensor

from liifgan_core.errors import LiifganError, WeightsError
from liifgan_core.evaluation.metrics import psnr
from liifgan_core.files.whole import write_whole
from liifgan_core.models.edsr_upscaler import EDSRUpscaler
from liifgan_core.progress import Cancelled, CancelToken
from liifgan_core.train.batches import training_batches
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
from liifgan_core.train.config import (
    Arithmetic,
    DataConfig,
    ScaleRange,
    ScheduleConfig,
    TrainConfig,
    ValidationConfig,
)
from liifgan_core.train.photos import Photos, load_photos
from liifgan_core.train.processes import open_processes
from liifgan_core.train.run import CHECKPOINT_NAME, StepReport, TrainRequest
from liifgan_core.train.run_log import RunLog
from liifgan_core.train.schedule import rate_factor
from liifgan_core.weights.registry import file_sha256, find_model
from liifgan_core.weights.store import load_weights

RECIPE = "cpu_edsr_x4"
SCALE = 4
_LR_SIZE = 32
_LOSS = "l1"

_logger = logging.getLogger(__name__)


def cpu_edsr_x4() -> TrainConfig:
    """EDSR-baseline(x4) from the public LIIF's encoder, by L1.

    Of the configured network only the encoder is used.
    """
    return TrainConfig(
        name=RECIPE,
        init="liif",
        data=DataConfig(
            min_images=16,
            lr_size=_LR_SIZE,
            patch_size=_LR_SIZE * SCALE,
            scales=(ScaleRange(low=float(SCALE), high=float(SCALE)),),
            sub_pixel_shift=False,
        ),
        batch_size=8,
        epochs=4,
        steps_per_epoch=100,
        learning_rate=4e-4,
        schedule=ScheduleConfig(kind="cosine", warm_up_steps=50),
        validation=ValidationConfig(scales=(SCALE,)),
    )


def upscaler_from_liif(path: Path, *, seed: int) -> EDSRUpscaler:
    """Return an upscaler with the encoder of a LIIF weights file and a random head.

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
            num_features=config.num_features, num_blocks=config.num_blocks, scale=SCALE
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


def train_fixed_scale(
    request: TrainRequest,
    *,
    cancel: CancelToken | None = None,
    report: Callable[[StepReport], None] = lambda _report: None,
) -> Path:
    """Train and return the path of the weights file; like `train`, for one process.

    Stops at `max_steps`, at the recipe's end or when cancelled, and leaves a checkpoint and the
    model so far. Raises Cancelled, DataError, CheckpointError, WeightsError, DeviceError.
    """
    run = _FixedScaleRun(request, cancel or CancelToken())
    with RunLog(request.out, start_step=run.step) as log:
        batches = training_batches(
            request.config,
            run.photos.training,
            run.photos.cache,
            start_step=run.step,
            stop_step=run.stop_step,
        )
        try:
            for batch in batches:
                run.cancel.check()
                value = run.take_step(batch.lr_BCHW, batch.hr_BCPP)
                run.report_and_save(value, log, report)
        except Cancelled:
            run.save()
            run.export()
            raise
        finally:
            batches.close()
    run.save()
    return run.export()


class _FixedScaleRun:
    """The network, its optimiser and how far they are."""

    def __init__(self, request: TrainRequest, cancel: CancelToken) -> None:
        config, checkpoint = request.config, request.out / CHECKPOINT_NAME
        if config.init is None:
            raise LiifganError("EDSR(x4) starts from a LIIF model; name it with --init")
        if not request.resume and checkpoint.exists():
            raise CheckpointError(
                f"{checkpoint}: a run is there already; go on with --resume, or choose another "
                "--out"
            )
        saved = load_checkpoint(checkpoint) if request.resume else None
        processes = open_processes(request.device)
        if processes.world_size != 1:
            raise LiifganError("EDSR(x4) is trained by one process; start it without torchrun")
        self._request, self.cancel, self._device = request, cancel, processes.device
        self._init = find_model(config.init)
        network = upscaler_from_liif(self._init, seed=config.seed)
        self.photos: Photos = load_photos(config, request.data, request.validation, cancel=cancel)
        self._network = network.to(self._device)
        trained = [p for p in network.parameters() if p.requires_grad]
        self._optimiser = torch.optim.Adam(trained, config.learning_rate, betas=config.betas)
        self._num_steps = config.num_steps(len(self.photos.training.paths))
        self.step, self._earlier_s = 0, 0.0
        if saved is not None:
            header, tensors = saved
            if header.config != config:
                raise CheckpointError(
                    f"{checkpoint}: it was trained with another recipe; start again without "
                    "--resume, in another --out"
                )
            if header.data_fingerprint != self.photos.training.fingerprint:
                _logger.warning("the training images have changed since the checkpoint")
            network.load_state_dict(ungrouped("network", tensors))
            restore_optimiser(self._optimiser, ungrouped("optimiser", tensors))
            self.step, self._earlier_s = header.step, header.seconds
        self.stop_step = min(self._num_steps, request.max_steps or self._num_steps)
        self._values: list[float] = []
        self._started_s = self._reported_s = time.monotonic()
        request.out.mkdir(parents=True, exist_ok=True)

    def take_step(self, lr_BCHW: Tensor, hr_BChw: Tensor) -> float:
        """Train on a batch and return its L1 in the range of [-1, 1], as other recipes have it."""
        config = self._request.config
        factor = rate_factor(
            config.schedule,
            step=self.step,
            num_steps=self._num_steps,
            epoch_steps=max(1, self._num_steps // config.epochs),
        )
        for group in self._optimiser.param_groups:
            group["lr"] = config.learning_rate * factor
        result_BChw = self._network(lr_BCHW.to(self._device)) * 2.0 - 1.0
        loss = F.l1_loss(result_BChw, hr_BChw.to(self._device))
        self._optimiser.zero_grad()
        torch.autograd.backward(loss)
        self._optimiser.step()
        self.step += 1
        return loss.item()

    def report_and_save(
        self, value: float, log: RunLog, report: Callable[[StepReport], None]
    ) -> None:
        """Log, validate and write a checkpoint where they are due."""
        config = self._request.config
        self._values.append(value)
        if self.step % config.log_every_steps == 0 or self.step == self.stop_step:
            now_s = time.monotonic()
            seconds = (now_s - self._reported_s) / len(self._values)
            means = {_LOSS: float(np.mean(self._values))}
            log.report(self.step, means | {"seconds_per_step": seconds})
            report(StepReport(self.step, self.stop_step, seconds, means))
            self._values, self._reported_s = [], now_s
        if self.step % config.validation.every_steps == 0 or self.step == self._num_steps:
            crops = self.photos.validation.crops
            if crops:
                values = [_psnr(self._network, crop) for crop in crops]
                log.report(self.step, {f"val/x{SCALE}/psnr": float(np.mean(values))})
        if self.step % config.checkpoint_every_steps == 0:
            self.save()

    def save(self) -> None:
        """Write a checkpoint in place of the last one."""
        header = new_header(
            step=self.step,
            num_steps=self._num_steps,
            config=self._request.config,
            arithmetic=Arithmetic(),
            data_fingerprint=self.photos.training.fingerprint,
            world_size=1,
            seconds=self._earlier_s + time.monotonic() - self._started_s,
        )
        tensors = grouped("network", self._network.state_dict())
        tensors |= grouped("optimiser", optimiser_tensors(self._optimiser))
        save_checkpoint(self._request.out / CHECKPOINT_NAME, header, tensors)

    def export(self) -> Path:
        """Write the model so far and return its path."""
        path = self._request.out / "model.safetensors"
        state = self._network.state_dict()
        tensors = {name: t.detach().cpu().contiguous() for name, t in state.items()}
        about = {
            "recipe": self._request.config.name,
            "steps": self.step,
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
    height, width = (side // SCALE for side in crop.shape[:2])
    hr = np.ascontiguousarray(crop[: height * SCALE, : width * SCALE])
    lr = PillowImage.fromarray(hr).resize((width, height), PillowImage.Resampling.BICUBIC)
    lr_HWC = torch.from_numpy(np.array(lr)).float() / 255.0
    device = next(network.parameters()).device
    with torch.inference_mode():
        sr_BChw = network(lr_HWC.permute(2, 0, 1)[None].to(device)).clamp(0.0, 1.0)
    sr = sr_BChw[0].permute(1, 2, 0).cpu().numpy()
    return psnr(sr, hr.astype(np.float32) / 255.0, border=SCALE, on_luma=False)
