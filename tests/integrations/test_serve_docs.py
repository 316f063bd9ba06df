"""The examples of docs/serve.md are run as they stand."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.images.read import read_image
from liifgan_core.models.liif import LIIF
from liifgan_core.serve import refusal
from liifgan_core.weights.store import save_weights
from tests.conftest import PROVENANCE
from tests.core.serve.processes import TIMEOUT_S, ServiceProcess, service_process

DOCUMENT = Path(__file__).parents[2] / "docs" / "serve.md"
SOURCES = Path(refusal.__file__).parent


def block(kind: str) -> str:
    [text] = re.findall(rf"^```{kind}\n(.*?)^```$", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    return text


@pytest.fixture
def folder(tmp_path: Path, data_dir: Path, detail_network: LIIF) -> Path:
    """The current folder of the examples, with photo.png of 48x32; the defaults are tiny models."""
    for name in ("liif-gan", "liif-gan-fast"):
        save_weights(data_dir / "weights" / f"{name}.safetensors", detail_network, PROVENANCE)
    pixels = np.random.default_rng(0).integers(0, 256, (32, 48, 3), dtype=np.uint8)
    PilImage.fromarray(pixels).save(tmp_path / "photo.png")
    return tmp_path


@pytest.fixture
def service(folder: Path) -> Iterator[ServiceProcess]:
    with service_process() as service:
        yield service


def run(command: list[str], folder: Path) -> str:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shell(text: str, folder: Path, *arguments: str) -> str:
    text = text.replace("~/.local/share/liifgan", os.environ["LIIFGAN_DATA_DIR"])
    return run(["bash", "-euo", "pipefail", "-c", text, "bash", *arguments], folder)


def size(path: Path) -> str:
    return str(read_image(path).size)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_example_with_curl(service: ServiceProcess, folder: Path) -> None:
    text = shell(block("sh curl"), folder)
    events = re.findall(r"^event: (\w+)$", text, re.MULTILINE)
    assert (events[:2], events[-1]) == (["queued", "running"], "done")
    assert size(folder / "result.png") == "120x80"
    assert service.client.jobs() == []


def test_the_example_with_python(service: ServiceProcess, folder: Path) -> None:
    text = run([sys.executable, "-c", block("python")], folder)
    assert text.splitlines()[-1] == "1.0"
    assert size(folder / "photo_120x80.tif") == "120x80"


def test_the_examples_with_send(service: ServiceProcess, folder: Path) -> None:
    shell(block("sh send"), folder)
    assert size(folder / "photo_96x64.png") == "96x64"
    assert size(folder / "large.tif") == "120x80"


def test_the_script_for_editors(service: ServiceProcess, folder: Path) -> None:
    shutil.copyfile(folder / "photo.png", folder / "a photo's copy.png")
    shell(block("sh editor"), folder, "photo.png", "a photo's copy.png")
    assert size(folder / "photo_96x64.tif") == "96x64"
    assert size(folder / "a photo's copy_96x64.tif") == "96x64"


def test_every_code_of_an_error_is_in_the_table() -> None:
    """Those that the sources raise and those that the document tells of are the same."""
    text = "".join(path.read_text() for path in SOURCES.glob("*.py"))
    raised = set(re.findall(r'Refusal\(\s*\d{3},\s*"(\w+)"', text))
    raised |= set(re.findall(r'_busy\("(\w+)"', text))
    raised |= set(re.findall(r'ToldError\(code="(\w+)"', text))
    raised |= {"not_found", "method_not_allowed", "exists", "cannot_upscale"}
    table = DOCUMENT.read_text().partition("## Errors")[2].partition("## What keeps")[0]
    told = set(re.findall(r"`(\w+)`", table.partition("| status |")[2]))
    assert raised - {"bad_request"} == told
