"""`liifgan serve`: photos for editors and scripts, by one process that stays warm."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

import liifgan_core
from liifgan_core.batch.exporter import Exporter
from liifgan_core.cli.console import one_line, print_error, print_result
from liifgan_core.cli.stopping import cancel_on_signals
from liifgan_core.cli.wording import WRONG_USE, told
from liifgan_core.errors import LiifganError
from liifgan_core.resources import user_data_path
from liifgan_core.serve.access import (
    SERVICE_FILE,
    ServiceFile,
    check_none_runs,
    new_token,
    remove_service_file,
    write_service_file,
)
from liifgan_core.serve.limits import Limits
from liifgan_core.serve.service import Service

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeJob:
    """What `liifgan serve` was asked for."""

    host: str
    port: int
    folders: list[Path]
    token_file: Path | None
    device: str
    limits: Limits


def run(job: ServeJob) -> int:
    """Serve until Ctrl-C or SIGTERM, which end it well, and return the exit status: 0 or 2."""
    try:
        _serve(job)
    except LiifganError as error:
        print_error(told(error))
        return WRONG_USE
    return 0


def _serve(job: ServeJob) -> None:
    try:
        from liifgan_core.serve.server import is_loopback, open_socket, run_server, url_of
    except ImportError as error:
        raise LiifganError(
            "serving needs fastapi and uvicorn; install it with: pip install 'liifgan[serve]'"
        ) from error

    token, path = new_token(), job.token_file or user_data_path(SERVICE_FILE)
    check_none_runs(path)
    service = Service(
        _open_exporter,
        spool=user_data_path("serve"),
        folders=job.folders,
        limits=job.limits,
        device=job.device,
    )
    with open_socket(job.host, job.port) as listening:
        port = listening.getsockname()[1]
        url = url_of(job.host, port)
        if not is_loopback(job.host):
            _log.warning(
                "--host %s: other machines can reach this service; whoever has the token can use "
                "it, and nothing is encrypted on the way",
                job.host,
            )
        host = url.removeprefix("http://").rpartition(":")[0].strip("[]")
        content = ServiceFile(
            url=url,
            host=host,
            port=port,
            token=token,
            pid=os.getpid(),
            version=liifgan_core.__version__,
        )
        stopping = "stopping: jobs are cancelled, downloads that have begun may end"
        with service, cancel_on_signals(stopping) as cancel:
            write_service_file(path, content)
            try:
                print_result(f"serving at {url}")
                print_result(one_line(f"token {token} (with the port in {path})"))
                run_server(
                    service,
                    listening,
                    token=token,
                    host=job.host,
                    cancel=cancel,
                    on_stop=_tell_stop,
                )
            finally:
                remove_service_file(path, token)


def _open_exporter(model: str | None, device: str, precision: str) -> Exporter:
    # Here, because torch takes seconds: the service answers before.
    from liifgan_core.render.exporter import open_exporter

    return open_exporter(model, device=device, precision=precision)


def _tell_stop(num_cancelled: int) -> None:
    if num_cancelled:
        print_error(f"{num_cancelled} jobs were cancelled; send them again after the next start")
