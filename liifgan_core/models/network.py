"""From an architecture's name and configuration to a network."""

import msgspec
import torch

from liifgan_core.errors import WeightsError
from liifgan_core.models.liif import LIIF, LIIFConfig


def build_network(architecture: str, config: object, *, where: str) -> LIIF:
    """Return a network without memory for its parameters (torch's "meta" device).

    `config` is the mapping from a weights file's header and `where` names the file in errors.
    Raises WeightsError for an unknown architecture or a configuration that does not fit it.
    """
    if architecture != "liif":
        raise WeightsError(
            f"{where}: unknown architecture {architecture!r}; this version knows: liif"
        )
    try:
        with torch.device("meta"):
            return LIIF(msgspec.convert(config, LIIFConfig))
    except (msgspec.ValidationError, ValueError) as error:
        raise WeightsError(f"{where}: the configuration is not valid: {error}") from error
