"""The service's addresses, under /v1: what comes in, what goes out."""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import BinaryIO, cast
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, FastAPI, Request
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

import liifgan_core
from liifgan_core.batch.paths import encode_line
from liifgan_core.errors import LiifganError
from liifgan_core.serve.event_stream import event_stream
from liifgan_core.serve.gate import answer
from liifgan_core.serve.job import Job, ToldJob
from liifgan_core.serve.job_request import JobRequest, request_of_json, request_of_query
from liifgan_core.serve.limits import Limits
from liifgan_core.serve.models import ToldModel, told_models
from liifgan_core.serve.refusal import Refusal
from liifgan_core.serve.service import Health, Service
from liifgan_core.serve.uploads import Body, length_of, save

API = 1
_JSON_BYTES = 64 * 2**10
_UNREAD_BYTES = _BLOCK_BYTES = 2**20
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""FastAPI reports requests to a collector that the environment names; none shall hear of."""

_router = APIRouter(prefix="/v1")


class ToldHealth(Health, frozen=True, kw_only=True):
    """Answer of /v1/health."""

    api: int
    version: str
    limits: Limits


class ToldModels(msgspec.Struct, frozen=True):
    """Answer of /v1/models."""

    models: list[ToldModel]


class ToldJobs(msgspec.Struct, frozen=True):
    """Answer of /v1/jobs."""

    jobs: list[ToldJob]


def create_app(service: Service) -> FastAPI:
    """Return the application, to be put behind a `Gate`; the service must have been entered."""
    # Without the pages that describe it: they load scripts from elsewhere.
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, telemetry=_NO_TELEMETRY)
    app.state.service = service
    app.include_router(_router)
    app.add_exception_handler(LiifganError, _refused)
    app.add_exception_handler(HTTPException, _no_such_address)
    app.add_exception_handler(Exception, _unexpected)
    return app


@_router.get("/health")
async def health(request: Request) -> Response:
    """Tell version, limits and what is going on."""
    service = _service(request)
    facts = msgspec.structs.asdict(service.health)
    told = ToldHealth(**facts, api=API, version=liifgan_core.__version__, limits=service.limits)
    return _json(told)


@_router.get("/models")
async def models() -> Response:
    """List the installed models."""
    return _json(ToldModels(await asyncio.to_thread(told_models)))


@_router.post("/jobs")
async def post_job(request: Request) -> Response:
    """Take a photo by its path (JSON) or as the body, with options; answer before it is done."""
    service = _service(request)
    body = Body(request.receive, idle_s=service.limits.idle_s)
    try:
        job = await _posted(request, service, body)
    except LiifganError:
        await _throw_away(request, body, service.limits.upload_bytes)
        raise
    return _json(job.told, 202, {"Location": f"/v1/jobs/{job.id}"})


@_router.get("/jobs")
async def jobs(request: Request) -> Response:
    """List the jobs, the oldest first."""
    return _json(ToldJobs([job.told for job in _service(request).jobs()]))


@_router.get("/jobs/{id}")
async def job(request: Request, id: str) -> Response:
    """Tell of one job."""
    return _json(_service(request).job(id).told)


@_router.post("/jobs/{id}/cancel")
async def cancel(request: Request, id: str) -> Response:
    """Cancel a job; that it has ended, its events tell."""
    return _json((await asyncio.to_thread(_service(request).cancel, id)).told)


@_router.delete("/jobs/{id}")
async def delete(request: Request, id: str) -> Response:
    """Cancel a job if it has not ended, and forget it with its result."""
    await asyncio.to_thread(_service(request).forget, id)
    return Response(status_code=204)


@_router.get("/jobs/{id}/events")
async def events(request: Request, id: str) -> Response:
    """Stream a job's events, from the beginning or behind Last-Event-ID."""
    seen = request.headers.get("last-event-id", "0")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        raise Refusal(400, "bad_value", f"Last-Event-ID is a number, not {seen[:20]!r}")
    stream = event_stream(_service(request).job(id), after=int(seen))
    return StreamingResponse(stream, media_type="text/event-stream")


@_router.get("/jobs/{id}/result")
async def result(request: Request, id: str) -> Response:
    """Send the result of a job that named no `output`."""
    job = _service(request).job(id)
    path = job.result_path
    if path is None:
        why = f"is {job.state}"
        if job.state == "done":
            why = "has written its result to the folder that it named"
        raise Refusal(409, "no_result", f"job {id} {why}; there is nothing to download")

    try:
        file = path.open("rb")
    except OSError as error:
        raise Refusal(404, "no_job", f"job {id} is not kept any more") from error
    num_bytes = os.fstat(file.fileno()).st_size
    headers = {
        "Content-Length": str(num_bytes),
        "Content-Disposition": _disposition(path.name),
    }
    return StreamingResponse(
        _blocks(file, num_bytes, job), headers=headers, media_type="application/octet-stream"
    )


async def _blocks(file: BinaryIO, num_bytes: int, job: Job) -> AsyncIterator[bytes]:
    with file:
        while block := await asyncio.to_thread(file.read, _BLOCK_BYTES):
            num_bytes -= len(block)
            job.was_fetched |= num_bytes == 0
            yield block


def _disposition(name: str) -> str:
    """Return the header that names a download (RFC 6266), with a name in ASCII for old clients."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _posted(request: Request, service: Service, body: Body) -> Job:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_upload = kind == "application/octet-stream" or kind.startswith("image/")
    if not is_upload and kind != "application/json":
        message = (
            "send a photo as application/octet-stream or image/..., or JSON with its path as "
            f"application/json, not {kind[:60] or 'nothing'!r}"
        )
        raise Refusal(415, "content_type", message)
    if is_upload:
        return await _uploaded(request, service, body)
    asked = request_of_json(await body.all(max_bytes=_JSON_BYTES, what="the JSON"))
    if asked.path is None or asked.file_name is not None:
        message = "JSON needs 'path', a photo in one of the folders, and no 'file_name'"
        raise Refusal(422, "bad_value", message, field="path")
    ticket = await asyncio.to_thread(service.reserve, 0)
    try:
        return await asyncio.to_thread(service.submit, asked, ticket, None)
    finally:
        service.give_back(ticket)


async def _uploaded(request: Request, service: Service, body: Body) -> Job:
    asked = request_of_query(request.query_params.multi_items())
    if asked.path is not None:
        raise Refusal(422, "bad_value", "a photo that is sent has no path", field="path")
    most = service.limits.upload_bytes
    num_bytes = length_of(request.headers.get("content-length"))
    if num_bytes is not None and num_bytes > most:
        message = f"the photo has {num_bytes:,} bytes, more than the {most:,} that are taken"
        raise Refusal(413, "too_large", message)
    ticket = await asyncio.to_thread(service.reserve, most if num_bytes is None else num_bytes)
    try:
        return await _received(service, asked, ticket, body)
    finally:
        service.give_back(ticket)


async def _received(service: Service, asked: JobRequest, ticket: str, body: Body) -> Job:
    upload = service.new_upload(asked.file_name)
    try:
        await save(body, upload, max_bytes=service.limits.upload_bytes)
        return await asyncio.to_thread(service.submit, asked, ticket, upload)
    except BaseException:
        service.drop_upload(upload)
        raise


async def _throw_away(request: Request, body: Body, upload_bytes: int) -> None:
    """Read the rest of a body that is refused, unless it is beyond measure or waits for leave."""
    if "expect" in request.headers:
        return
    num_bytes = length_of(request.headers.get("content-length"))
    is_small = num_bytes is not None and num_bytes <= upload_bytes
    await body.throw_away(max_bytes=upload_bytes if is_small else _UNREAD_BYTES)


async def _refused(_request: Request, error: Exception) -> Response:
    if isinstance(error, Refusal):
        return answer(error)
    return answer(Refusal(422, "bad_value", str(error)))


async def _no_such_address(request: Request, error: Exception) -> Response:
    status = cast(HTTPException, error).status_code
    code = {404: "not_found", 405: "method_not_allowed"}.get(status, "bad_request")
    path = request.url.path[:100]
    return answer(Refusal(status, code, f"there is no {request.method} {path}; see docs/serve.md"))


async def _unexpected(_request: Request, error: Exception) -> Response:
    message = f"unexpected {type(error).__name__}: {error}; please report"
    return answer(Refusal(500, "unexpected", message))


def _service(request: Request) -> Service:
    return cast(Service, request.app.state.service)


def _json(
    value: msgspec.Struct, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    return Response(encode_line(value), status, headers, media_type="application/json")
