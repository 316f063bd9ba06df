import socket
import stat
from pathlib import Path

import pytest

from liifgan_core.errors import LiifganError
from liifgan_core.serve.access import (
    ServiceFile,
    check_none_runs,
    is_same,
    new_token,
    read_service_file,
    remove_service_file,
    write_service_file,
)


def content(port: int = 1, token: str = "a") -> ServiceFile:
    return ServiceFile(url="", host="127.0.0.1", port=port, token=token, pid=1, version="")


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}


def test_only_the_whole_token_is_the_same() -> None:
    assert is_same(b"token", "token")
    for other in (b"", b"toke", b"tokenx", b"Token", "tokén".encode()):
        assert not is_same(other, "token")


def test_the_file_is_for_its_user_alone_even_where_one_was_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "service.json"
    for port in (1, 2):
        write_service_file(path, content(port))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert read_service_file(path) == content(port)
        path.chmod(0o644)
    assert [path.name for path in path.parent.iterdir()] == ["service.json"]


def test_a_link_in_the_files_place_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "others").write_text("theirs")
    (tmp_path / "service.json").symlink_to(tmp_path / "others")
    write_service_file(tmp_path / "service.json", content())
    assert (tmp_path / "others").read_text() == "theirs"
    assert not (tmp_path / "service.json").is_symlink()


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LiifganError, match="cannot be written"):
        write_service_file(tmp_path / "file" / "service.json", content())


def test_the_file_of_another_service_is_left(tmp_path: Path) -> None:
    path = tmp_path / "service.json"
    write_service_file(path, content(token="b"))
    remove_service_file(path, "a")
    assert path.exists()
    remove_service_file(path, "b")
    assert not path.exists()
    remove_service_file(path, "b")


def test_a_service_that_answers_is_left_alone_and_one_that_was_killed_is_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "service.json"
    check_none_runs(path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        write_service_file(path, content(other.getsockname()[1]))
        with pytest.raises(LiifganError, match="runs already on port"):
            check_none_runs(path)
    check_none_runs(path)


def test_a_users_file_in_its_place_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(LiifganError, match="another --token-file"):
        check_none_runs(tmp_path / "notes.txt")
