"""`liifgan send`: one photo through the service that runs, for editors that call a command."""

from collections.abc import Sequence
from pathlib import Path

from liifgan_core.cli.console import file_progress, one_line, print_error, print_result
from liifgan_core.cli.wording import WRONG_USE
from liifgan_core.errors import LiifganError
from liifgan_core.files.failures import exists_error, write_error
from liifgan_core.files.pending import PendingFile
from liifgan_core.images.formats import format_by_suffix
from liifgan_core.serve.client import Client, ServiceError, find_service

_FAILED = 1


def run(
    photo: Path,
    settings: Sequence[str],
    *,
    output: Path | None,
    overwrite: bool,
    token_file: Path | None,
) -> int:
    """Write the photo's result and return the exit status: 0, 1 or 2; Ctrl-C cancels the job."""
    options: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            print_error(f"{setting!r} is no setting; write NAME=VALUE such as scale=2")
            return WRONG_USE
        options[name.replace("-", "_")] = value
    try:
        if not photo.is_file():
            raise LiifganError(f"{photo} is no file; name a photo")
        client = find_service(token_file)
        target = _sent(client, photo, options, output, overwrite=overwrite)
    except (ServiceError, LiifganError) as error:
        print_error(str(error))
        return _FAILED
    print_result(one_line(f"{photo} -> {target}"))
    return 0


def _sent(
    client: Client, photo: Path, options: dict[str, str], output: Path | None, *, overwrite: bool
) -> Path:
    folder, target = photo.parent, None
    if output is not None and output.is_dir():
        folder = output
    elif output is not None:
        target = output
        options.setdefault("format", format_by_suffix(output).name)
        if output.exists() and not overwrite:
            raise exists_error(output)
    with (
        file_progress(photo.name) as progress,
        client.upscaled(photo, options, on_progress=progress) as job,
    ):
        target = target or folder / job["result"]["file_name"]
        try:
            pending = PendingFile(target, suffix=target.suffix)
            try:
                client.download(job["id"], pending.file)
                pending.publish(overwrite=overwrite)
            finally:
                pending.discard()
        except FileExistsError as error:
            raise exists_error(target) from error
        except OSError as error:
            raise write_error(target, error) from error
    return target
