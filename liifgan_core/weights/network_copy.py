"""Takes a network of others along to another machine. Imports no torch."""

import hashlib
from collections.abc import Mapping

from liifgan_core.errors import WeightsError
from liifgan_core.files.whole import write_whole
from liifgan_core.weights.trunks import (
    find_network,
    is_installed,
    network_by_sha256,
    user_networks_dir,
)


def network_files(sha256: str) -> dict[str, bytes]:
    """Return the files, by name, of the network whose weights have the SHA-256; 33 MB for an RRDB.

    Raises WeightsError as `find_network` does.
    """
    network = network_by_sha256(sha256)
    folder = find_network(network.name).parent
    return {name: (folder / name).read_bytes() for name in network.sha256_by_file}


def put_network(sha256: str, files: Mapping[str, bytes]) -> None:
    """Store `network_files` in this user's data folder, as if fetched, unless they are installed.

    Raises WeightsError when they are not that network's or cannot be stored.
    """
    network = network_by_sha256(sha256)
    if is_installed(network.name):
        return
    found = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    if found != network.sha256_by_file:
        raise WeightsError(f"these are not the files of the network {network.name!r}; not used")
    folder = user_networks_dir()
    try:
        for name in reversed(network.sha256_by_file):  # the weights last: they count as installed
            write_whole(folder / name, files[name])
    except OSError as error:
        raise WeightsError(
            f"the network {network.name!r} cannot be stored in {folder} "
            f"({error.strerror or error}); make room there"
        ) from error
