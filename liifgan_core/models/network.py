"""From an architecture's name and configuration to a network."""

import torch

from liifgan_core.models.config import read_config
from liifgan_core.models.liif import LIIF


def build_network(architecture: str, config: object, *, where: str) -> LIIF:
    """Return a network without memory for its parameters (torch's "meta" device).

    `config` is the mapping from a weights file's header and `where` names the file in errors.
    Raises WeightsError for an unknown architecture or a configuration that does not fit it.
    """
    with torch.device("meta"):
        return LIIF(read_config(architecture, config, where=where))
