"""Tries the built programs as users have them: moved, an empty home, no Python, no network.

    python packaging/smoke_test.py dist/liifgan-0.1.0-linux-x86_64

Runs with the Python of the source tree, whose result of the same job is compared. The network
is cut off with `unshare` (Linux); without it that is said and not tested.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import liifgan_core  # noqa: E402
from liifgan_core.resources import DATA_DIR_VARIABLE  # noqa: E402

SCALE = "2.6"
TIMEOUT_S = 900
"""For one program; a step takes seconds, but a machine that builds packages may be busy."""
NOBODY = 65534
"""The user `nobody`, whom a read-only folder stops; it would not stop root."""
_EXE = ".exe" if sys.platform == "win32" else ""


class SmokeTestError(Exception):
    """The package did not do what it must."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a test runs; all paths have a space and letters beyond ASCII."""

    package: Path
    """A copy of the built folder."""
    work: Path
    """The current folder, with `photo`."""
    home: Path
    photo: Path

    def run(
        self, program: str, *arguments: str, prefix: Sequence[str] = (), **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of the package and return how it ended."""
        command = [*without_network(), *prefix, str(self.package / f"{program}{_EXE}")]
        return subprocess.run(
            [*command, *arguments],
            cwd=self.work,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_S,
        )

    def environment(self, **more: str) -> dict[str, str]:
        """Return an environment without Python and with an empty home."""
        empty = self.home / "no programs"
        empty.mkdir(exist_ok=True)
        given = {"PATH": str(empty), "HOME": str(self.home), "LC_ALL": "C.UTF-8"}
        given |= {name: os.environ[name] for name in ("OMP_NUM_THREADS",) if name in os.environ}
        if sys.platform == "win32":
            given |= {"USERPROFILE": str(self.home), "LOCALAPPDATA": str(self.home)}
            given |= {"SYSTEMROOT": os.environ["SYSTEMROOT"], "TEMP": tempfile.gettempdir()}
        return given | more


def check_version(place: Place) -> str:
    """Both programs say the version, the app even where it has no streams."""
    done = expect(place.run("liifgan", "--version"), status=0)
    require(done.stdout.strip() == f"liifgan {liifgan_core.__version__}", done.stdout)
    program = str(place.package / f"liifgan-app{_EXE}")
    silent = subprocess.run(
        [sys.executable, "-c", _WITHOUT_STREAMS, program, "--version"],
        env=place.environment(),
        timeout=TIMEOUT_S,
    )
    require(silent.returncode == 0, f"the app without streams: exit status {silent.returncode}")
    return done.stdout.strip()


_WITHOUT_STREAMS = """
import os, sys
os.closerange(0, 3)
os.spawnv(os.P_WAIT, sys.argv[1], sys.argv[1:]) and os._exit(1)
"""


def check_models(place: Place) -> str:
    """The models are listed, those of the package at least."""
    done = expect(place.run("liifgan", "models", "--json"), status=0)
    names = {json.loads(line)["name"] for line in done.stdout.splitlines()}
    missing = {path.stem for path in shipped_weights(place.package)} - names
    require(bool(names) and not missing, f"listed {sorted(names)}, missing {sorted(missing)}")
    return ", ".join(sorted(names))


def check_upscale(place: Place) -> str:
    """The result is the source tree's, within one step of 255."""
    job = ["upscale", place.photo.name, "--scale", SCALE, "--precision", "fp32", "--device", "cpu"]
    packaged, reference = place.work / "größer.png", place.work / "reference.png"
    expect(place.run("liifgan", *job, "--output", packaged.name), status=0)
    weights = place.package / "_internal" / "resources" / "weights"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment[DATA_DIR_VARIABLE] = str(link_weights(weights, place.home / "reference"))
    source = subprocess.run(
        [sys.executable, "-m", "liifgan_core", *job, "--output", reference.name],
        cwd=place.work,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    expect(source, status=0)
    found, wanted = (np.asarray(Image.open(path)).astype(int) for path in (packaged, reference))
    require(found.shape == wanted.shape, f"{found.shape}, not {wanted.shape}")
    difference = int(np.abs(found - wanted).max())
    require(difference <= 1, f"differs from the source tree's result by {difference} of 255")
    return f"{found.shape[1]} x {found.shape[0]}, largest difference {difference}/255"


def check_unreadable(place: Place) -> str:
    """A file that is no photo is an error in one line."""
    broken = place.work / "kaputt é.jpg"
    broken.write_bytes(b"\xff\xd8\xff no photo")
    done = place.run("liifgan", "upscale", broken.name, "--scale", SCALE, "--output", "x.png")
    return error_line(expect(done, status=1), broken.name)


def check_read_only(place: Place) -> str:
    """A folder that cannot be written is an error in one line."""
    folder = place.work / "nur lesen"
    folder.mkdir()
    folder.chmod(0o555)
    prefix: list[str] = []
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise SmokeTestError("run this as a user, or install setpriv: nothing stops root")
        prefix = [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    target = folder / "x.png"
    job = ("upscale", place.photo.name, "--scale", SCALE, "--output", str(target))
    done = place.run("liifgan", *job, prefix=prefix)
    return error_line(expect(done, status=1), target.name)


def check_training(place: Place) -> str:
    """The trainer takes two steps and leaves a model."""
    samples = place.package / "_internal" / "resources" / "samples"
    job = ("train", "--recipe", "cpu_smoke", "--data", str(samples), "--out", "lauf 1")
    expect(place.run("liifgan", *job, "--max-steps", "2"), status=0)
    model = place.work / "lauf 1" / "model.safetensors"
    require(model.is_file(), f"{model} was not written")
    return f"{model.stat().st_size} bytes"


def check_app_offscreen(place: Place) -> str:
    """The app goes through its self-test without a display, and writes its log."""
    done = expect(place.run("liifgan-app", "--selftest"), status=0)
    require("self-test passed" in done.stdout, done.stdout)
    logs = [path.read_text(encoding="utf-8") for path in place.home.rglob("app.log")]
    require(len(logs) == 1 and "(packaged)" in logs[0], f"the logs are {logs}")
    return "; ".join(done.stdout.splitlines()[:-1])


def check_app_on_x11(place: Place) -> str:
    """The app goes through its self-test on an X server."""
    with x_server() as display:
        done = place.run("liifgan-app", "--selftest", DISPLAY=display, QT_QPA_PLATFORM="xcb")
    expect(done, status=0)
    require("self-test passed" in done.stdout, done.stdout)
    return f"display {display}"


CHECKS: tuple[Callable[[Place], str], ...] = (
    check_version,
    check_models,
    check_upscale,
    check_unreadable,
    check_read_only,
    check_training,
    check_app_offscreen,
)


def main() -> int:
    """Run all checks and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("package", type=Path, help="the built folder")
    arguments = parser.parse_args()
    checks = list(CHECKS)
    if shutil.which("Xvfb"):
        checks.append(check_app_on_x11)
    else:
        print("not tested: the app on an X server (no Xvfb here)")
    if not without_network():
        print("not tested: no network (no unshare here)")
    failures = 0
    with tempfile.TemporaryDirectory(prefix="liifgan-smoke-") as folder:
        place = set_up(arguments.package.resolve(), Path(folder))
        for check in checks:
            start = time.monotonic()
            try:
                result = f"ok: {check(place)}"
            except (SmokeTestError, subprocess.TimeoutExpired) as error:
                failures += 1
                result = f"FAILED: {error}"
            name = check.__name__.removeprefix("check_")
            print(f"{name} ({time.monotonic() - start:.0f} s) {result}", flush=True)
    print(f"{failures} of {len(checks)} failed" if failures else "smoke test passed")
    return 1 if failures else 0


def set_up(package: Path, folder: Path) -> Place:
    """Return a place in an empty folder: the package moved there, a photo, an empty home."""
    folder.chmod(0o755)
    moved = folder / "Prögramme und mehr" / package.name
    shutil.copytree(package, moved, symlinks=True, copy_function=link_or_copy)
    work, home = folder / "Mes photos été", folder / "leeres Zuhause"
    work.mkdir()
    home.mkdir()
    home.chmod(0o777)
    photo = work / "été à 写真.png"
    sample = Image.open(ROOT / "resources" / "samples" / "osprey.png").convert("RGB")
    sample.crop((100, 100, 196, 164)).save(photo)
    return Place(package=moved, work=work, home=home, photo=photo)


def shipped_weights(package: Path) -> list[Path]:
    """Return the weights files in a package."""
    return sorted((package / "_internal" / "resources" / "weights").glob("*.safetensors"))


def link_weights(weights: Path, data: Path) -> Path:
    """Make a data folder with copies of weights, and return it."""
    shutil.copytree(weights, data / "weights", copy_function=link_or_copy)
    return data


def link_or_copy(source: str, target: str) -> str:
    """Copy a file, without taking space where the file system can link it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def without_network() -> list[str]:
    """Return what cuts a command off the network, to put before it; nothing where nothing can."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return []
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    command = [unshare, "--net"] if is_root else [unshare, "--net", "--map-current-user"]
    works = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    return command if works else []


@contextmanager
def x_server() -> Generator[str]:
    """Give the display of an X server that lasts as long as the context."""
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[write_end],
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as ready:
            number = ready.readline().strip()
        require(bool(number), "Xvfb does not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


def expect(
    done: subprocess.CompletedProcess[str], *, status: int
) -> subprocess.CompletedProcess[str]:
    """Return how a program ended; raises SmokeTestError for another status or a traceback."""
    told = f"{(done.stdout or '')[-1500:]}\n{(done.stderr or '')[-3000:]}".strip()
    require(done.returncode == status, f"exit status {done.returncode}, not {status}: {told}")
    require("Traceback" not in done.stderr, told)
    return done


def error_line(done: subprocess.CompletedProcess[str], name: str) -> str:
    """Return the line of an error, which names a file."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("liifgan: ")]
    require(len(lines) == 1 and name in lines[0], f"not one line that names {name}: {done.stderr}")
    return lines[0]


def require(holds: bool, otherwise: str) -> None:
    """Raise SmokeTestError unless the condition holds."""
    if not holds:
        raise SmokeTestError(otherwise)


if __name__ == "__main__":
    sys.exit(main())
