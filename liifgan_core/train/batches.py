"""Batches in the order of the steps, prepared by threads beside the training.

Decoding and resizing release Python's lock, so threads share one cache of decoded images.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from liifgan_core.errors import ImageReadError
from liifgan_core.train.config import TrainConfig
from liifgan_core.train.image_folder import DataError, ImageFolder, read_rgb
from liifgan_core.train.sampling import (
    Batch,
    Sample,
    batch_scale,
    draw_sample,
    image_index,
    stack_samples,
)

_STEPS_AHEAD = 3


class ImageCache:
    """Decoded images up to a bound of bytes; what was not used for longest goes first."""

    def __init__(self, max_bytes: int, *, resize_to: int | None = None) -> None:
        self._max_bytes = max_bytes
        self._resize_to = resize_to
        self._bytes = 0
        self._images: OrderedDict[Path, NDArray[np.uint8]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, path: Path) -> NDArray[np.uint8]:
        """Return an image, 8-bit RGB (h, w, 3). Raises DataError when it cannot be read any more.

        May be called from any thread.
        """
        with self._lock:
            if path in self._images:
                self._images.move_to_end(path)
                return self._images[path]
        try:
            rgb = read_rgb(path)
        except ImageReadError as error:
            raise DataError(f"a training image was lost during the run: {error}") from error
        return self.put(path, rgb)

    def put(self, path: Path, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Keep a decoded image and return it as training sees it."""
        rgb = as_trained(rgb, self._resize_to)
        with self._lock:
            if path not in self._images and rgb.nbytes <= self._max_bytes:
                self._images[path] = rgb
                self._bytes += rgb.nbytes
            while self._bytes > self._max_bytes:
                _, dropped = self._images.popitem(last=False)
                self._bytes -= dropped.nbytes
        return rgb


def as_trained(rgb: NDArray[np.uint8], resize_to: int | None) -> NDArray[np.uint8]:
    """Return an image as training sees it: made square, or as it is."""
    if resize_to is None:
        return rgb
    size = (resize_to, resize_to)
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def training_batches(
    config: TrainConfig,
    folder: ImageFolder,
    cache: ImageCache,
    *,
    start_step: int,
    stop_step: int,
    rank: int = 0,
    world_size: int = 1,
) -> Generator[Batch]:
    """Yield the batches of steps [start_step, stop_step), this process' share of each.

    Together the processes' shares are the batch that one process would draw. Close the generator to
    stop its threads.
    """
    share = config.batch_size // world_size
    data = config.data

    def sample(step: int, number: int, scale: float) -> Sample:
        position = step * config.batch_size + rank * share + number
        index = image_index(len(folder.paths), seed=config.seed, position=position)
        rgb = cache.get(folder.paths[index])
        return draw_sample(rgb, data, scale, seed=config.seed, position=position)

    with ThreadPoolExecutor(data.num_threads, thread_name_prefix="samples") as pool:
        waiting: deque[tuple[float, list[Future[Sample]]]] = deque()
        next_step = start_step
        try:
            while next_step < stop_step or waiting:
                while next_step < stop_step and len(waiting) < _STEPS_AHEAD:
                    scale = batch_scale(data, seed=config.seed, step=next_step)
                    jobs = [pool.submit(sample, next_step, n, scale) for n in range(share)]
                    waiting.append((scale, jobs))
                    next_step += 1
                scale, jobs = waiting.popleft()
                yield stack_samples([job.result() for job in jobs], scale)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
