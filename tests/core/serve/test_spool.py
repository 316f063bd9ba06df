import stat
import subprocess
import sys
from pathlib import Path

import pytest

from liifgan_core.serve.spool import Spool
from liifgan_core.serve.uploads import safe_name

_ABANDON = """
import os, sys
from pathlib import Path
from liifgan_core.serve.spool import Spool
spool = Spool(Path(sys.argv[1])).__enter__()
(spool.new_folder() / "photo.png").write_bytes(b"photo")
print(spool.path, flush=True)
os._exit(9)
"""


def test_the_folder_is_for_its_user_alone_and_goes_with_all_in_it(tmp_path: Path) -> None:
    with Spool(tmp_path / "serve") as spool:
        folder = spool.new_folder()
        for path in (tmp_path / "serve", spool.path, folder):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700
        (folder / "a").write_bytes(bytes(100))
        assert spool.num_bytes == 100
        spool.remove(folder)
        assert spool.num_bytes == 0
        (spool.new_folder() / "b").write_bytes(b"b")
    assert list((tmp_path / "serve").iterdir()) == []


def test_what_a_killed_service_left_is_removed_by_the_next_but_not_what_is_in_use(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", _ABANDON, str(tmp_path)]
    left = Path(subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.strip())
    assert list(left.rglob("photo.png"))
    foreign = tmp_path / "spool-of-somebody"
    foreign.mkdir()
    with Spool(tmp_path) as first, Spool(tmp_path) as second:
        assert not left.exists()
        assert first.path.exists()
        assert second.path.exists()
        assert foreign.exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, "photo"),
        ("osprey.png", "osprey.png"),
        ("Fischadler über Wasser.tif", "Fischadler über Wasser.tif"),
        ("../../etc/passwd", "_.._etc_pa"),
        ("a/b\\c.png", "a_b_c.png"),
        ("..", "photo"),
        (".hidden.png", "hidden.png"),
        ("a\0b\n.png", "a_b_.png"),
        ("con.png", "_con.png"),
        ("NUL", "_NUL"),
        ("x" * 300 + ".png", "x" * 160 + ".png"),
        ("\N{CAMERA}" * 300 + ".png", "\N{CAMERA}" * 40 + ".png"),
        ("a photo's copy; 50 %.png", "a photo's copy; 50 %.png"),
        ('C:\\a?*"<>|.png', "C__a______.png"),
        ("\ud800.png", "_.png"),
    ],
)
def test_a_clients_file_name_leads_nowhere(given: str | None, kept: str) -> None:
    assert safe_name(given) == kept.rstrip(" .")
