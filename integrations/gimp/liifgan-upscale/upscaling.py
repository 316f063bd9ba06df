"""What the plug-in asks of the service; knows nothing of GIMP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import liifgan_client

ServiceError = liifgan_client.ServiceError


def options_of(*, scale: float, width: int, detail: float, model: str) -> dict[str, Any]:
    """Return the service's options for what was chosen; a width of 0 leaves the size to the scale.

    Results have 16 bits, as what is sent.
    """
    options: dict[str, Any] = {"detail": detail, "format": "png", "bit_depth": 16}
    options |= {"width": width} if width > 0 else {"scale": scale}
    if model.strip():
        options["model"] = model.strip()
    return options


def upscale(
    photo: Path, result: Path, options: dict[str, Any], on_progress: Callable[[float], None]
) -> dict[str, Any]:
    """Send a file to the service that runs and write its result; returns the finished job.

    Raises ServiceError with a sentence for the user.
    """
    client = liifgan_client.find_service()
    with (
        client.upscaled(photo, options, on_progress=on_progress) as job,
        result.open("wb") as file,
    ):
        client.download(job["id"], file)
    return job
