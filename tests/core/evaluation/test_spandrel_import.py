import subprocess
import sys
from pathlib import Path

import pytest

from liifgan_core.errors import WeightsError
from liifgan_core.evaluation.spandrel_import import import_spandrel

_CODE = """
import sys
from liifgan_core.evaluation.spandrel_import import import_spandrel
spandrel = import_spandrel()
left = sorted(name for name in sys.modules if name.partition(".")[0] == "torchvision")
print(len(spandrel.MAIN_REGISTRY.architectures("detection")) > 30, left)
"""


def _run(code: str, *, path: Path | None = None) -> str:
    prefix = "" if path is None else f"import sys; sys.path.insert(0, {str(path)!r})\n"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", prefix + code],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_a_torchvision_of_another_torch_is_needed_only_by_what_uses_it(tmp_path: Path):
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text(
        "raise RuntimeError('operator torchvision::nms does not exist')"
    )
    code = _CODE + (
        "from spandrel.architectures import RestoreFormer\n"
        "try:\n    RestoreFormer.tv_normalize(1, 2)\n"
        "except Exception as error:\n    print(type(error).__name__, error)"
    )
    loaded, used = _run(code, path=tmp_path).splitlines()
    assert loaded == "True []"  # nothing is left that others could take for torchvision
    assert used.startswith("WeightsError this network needs torchvision")


def test_a_torchvision_that_works_is_the_one_that_is_used(tmp_path: Path):
    transforms = tmp_path / "torchvision" / "transforms"
    transforms.mkdir(parents=True)
    for folder in (transforms.parent, transforms):
        (folder / "__init__.py").write_text("")
    (transforms / "functional.py").write_text(
        "rotate = InterpolationMode = None\ndef normalize(): return 'the real one'"
    )
    code = _CODE + (
        "from spandrel.architectures import RestoreFormer\nprint(RestoreFormer.tv_normalize())"
    )
    found = _run(code, path=tmp_path).splitlines()
    assert found[1] == "the real one"
    assert "torchvision.transforms.functional" in found[0]


def test_without_spandrel_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "spandrel", None)
    with pytest.raises(WeightsError, match="pip install --no-deps spandrel einops"):
        import_spandrel()
