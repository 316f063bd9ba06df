import subprocess
import sys

import pytest

import liifgan_core
from liifgan_core import errors


@pytest.mark.parametrize("name", liifgan_core.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(liifgan_core, name).__name__ == name
    assert name in dir(liifgan_core)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        liifgan_core.nothing  # noqa: B018


def test_every_error_for_users_has_one_base() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert len(kinds) == 10
    assert all(issubclass(kind, errors.LiifganError) for kind in kinds)


def test_importing_the_package_imports_no_torch() -> None:
    code = "import sys, liifgan_core, liifgan_core.coords; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
