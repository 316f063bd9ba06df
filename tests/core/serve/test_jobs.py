"""Jobs from their request to their end, through a real server."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as PilImage

from liifgan_core.batch.exporter import Exporter
from liifgan_core.errors import WeightsError
from liifgan_core.geometry import Size
from liifgan_core.images.read import read_image
from liifgan_core.render.exporter import open_exporter
from liifgan_core.serve.client import Client
from liifgan_core.serve.limits import Limits
from tests.core.serve.conftest import Serve, Served
from tests.fake_exporter import FakeExporter


def ended(client: Client, job: dict[str, Any]) -> dict[str, Any]:
    return client.wait(job["id"])


def spooled(tmp_path: Path) -> list[str]:
    """The names of all files that the service keeps."""
    files = (path for path in (tmp_path / "spool").rglob("*") if path.is_file())
    return sorted(path.name for path in files if path.name != "lock")


def test_a_photo_that_is_sent_comes_back_as_the_command_line_draws_it(
    serve: Serve, photo: bytes, photo_file: Path, tiny_weights: Path, tmp_path: Path
) -> None:
    served = serve(open_exporter=open_real)
    answer = served.post_photo(photo, "scale=2.5&file_name=osprey.png&bit_depth=16")
    assert answer.status == 202
    assert answer.headers["Location"] == f"/v1/jobs/{answer.json['id']}"
    job = ended(served.client, answer.json)
    assert job["state"] == "done"
    assert job["photo"] == "osprey.png"
    facts = job["result"]
    assert (facts["width"], facts["height"], facts["path"]) == (30, 25, None)
    assert (facts["file_name"], facts["model"]) == ("osprey_30x25.png", "tiny")
    result = served.ask("GET", f"/v1/jobs/{job['id']}/result")
    assert result.status == 200
    assert int(result.headers["Content-Length"]) == facts["bytes"] == len(result.body)
    assert 'filename="osprey_30x25.png"' in result.headers["Content-Disposition"]
    expected = tmp_path / "expected.png"
    from liifgan_core.render.export import export_image
    from liifgan_core.render.export_options import ExportOptions
    from liifgan_core.render.placed_model import load_model

    export_image(
        read_image(photo_file),
        expected,
        Size(25, 30),
        load_model("tiny"),
        ExportOptions(format="png", bit_depth=16, software=software()),
    )
    assert result.body == expected.read_bytes()


def open_real(model: str | None, device: str, precision: str) -> Exporter:
    return open_exporter(model, device=device, precision=precision)


def software() -> str:
    import liifgan_core

    return f"LIIF-GAN {liifgan_core.__version__}"


def test_a_photo_in_a_folder_is_taken_by_its_path(
    served: Served, photo_file: Path, tmp_path: Path
) -> None:
    job = ended(served.client, served.post_json(path=str(photo_file), scale=2).json)
    assert (job["state"], job["photo"]) == ("done", str(photo_file))
    answer = served.ask("GET", f"/v1/jobs/{job['id']}/result")
    assert answer.body == b"24x20 png"
    assert [path.name for path in photo_file.parent.iterdir()] == ["photo.png"]


def test_a_result_goes_into_a_folder_where_it_is_named(
    served: Served, photo_file: Path, photo: bytes
) -> None:
    folder = photo_file.parent
    job = ended(
        served.client, served.post_json(path=str(photo_file), scale=2, output=str(folder)).json
    )
    assert job["result"]["path"] == str(folder / "photo_24x20.png")
    assert (folder / "photo_24x20.png").read_bytes() == b"24x20 png"
    answer = served.ask("GET", f"/v1/jobs/{job['id']}/result")
    assert (answer.status, answer.code) == (409, "no_result")
    sent = served.post_photo(photo, f"scale=3&output={folder / 'sent.tif'}")
    assert ended(served.client, sent.json)["result"]["path"] == str(folder / "sent.tif")
    served.client.delete(job["id"])
    assert (folder / "photo_24x20.png").exists()


def test_nothing_is_replaced_unless_that_is_asked(served: Served, photo_file: Path) -> None:
    target = photo_file.parent / "mine.png"
    target.write_bytes(b"mine")
    fields = {"path": str(photo_file), "scale": 2, "output": str(target)}
    job = ended(served.client, served.post_json(**fields).json)
    assert (job["state"], job["error"]["code"]) == ("failed", "exists")
    assert "exists already" in job["error"]["message"]
    assert target.read_bytes() == b"mine"
    job = ended(served.client, served.post_json(**fields, existing="replace").json)
    assert job["state"] == "done"
    assert target.read_bytes() == b"24x20 png"


def test_the_photo_itself_is_never_replaced(served: Served, photo_file: Path, photo: bytes) -> None:
    fields = {"path": str(photo_file), "scale": 2, "output": str(photo_file)}
    job = ended(served.client, served.post_json(**fields, existing="replace").json)
    assert job["state"] == "failed"
    assert photo_file.read_bytes() == photo


def test_a_link_that_has_come_since_the_request_is_refused(
    served: Served, photo_file: Path, photo: bytes, tmp_path: Path
) -> None:
    served.exporter.go_on.clear()
    first = served.post_photo(photo).json
    other = photo_file.with_name("other.png")
    other.write_bytes(photo)
    waiting = served.post_json(path=str(other), scale=2).json
    secret = tmp_path / "secret.png"
    secret.write_bytes(photo)
    other.unlink()
    other.symlink_to(secret)
    served.exporter.go_on.set()
    assert ended(served.client, first)["state"] == "done"
    job = ended(served.client, waiting)
    assert (job["state"], job["error"]["code"]) == ("failed", "link")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("{photos}/none.png", 404, "no_file"),
        ("{photos}", 404, "no_file"),
        ("{photos}/../secret.png", 422, "bad_path"),
        ("/etc/hostname", 403, "outside_folders"),
        ("photo.png", 422, "bad_path"),
    ],
)
def test_a_path_that_may_not_be_read_is_refused(
    served: Served, tmp_path: Path, path: str, status: int, code: str
) -> None:
    answer = served.post_json(path=path.format(photos=tmp_path / "photos"), scale=2)
    assert (answer.status, answer.code) == (status, code)
    assert spooled(tmp_path) == []


@pytest.mark.parametrize(
    ("body", "kind", "query", "status", "code"),
    [
        (b"", "image/png", "scale=2", 400, "empty"),
        (b"x", "image/png", "scale=2&path=/etc/x.png", 422, "bad_value"),
        (b"x", "image/png", "scale=2&nonsense=1", 422, "unknown_field"),
        (b"x", "image/png", "", 422, "bad_value"),
        (b"{", "application/json", "", 400, "bad_json"),
        (b"{}", "application/json", "", 422, "bad_value"),
        (b"[" * 70_000, "application/json", "", 413, "too_large"),
    ],
)
def test_a_request_that_is_none_is_told(
    served: Served, tmp_path: Path, body: bytes, kind: str, query: str, status: int, code: str
) -> None:
    answer = served.ask("POST", f"/v1/jobs?{query}", body, {"Content-Type": kind})
    assert (answer.status, answer.code) == (status, code)
    assert served.client.jobs() == []
    assert spooled(tmp_path) == []


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/", 404, "not_found"),
        ("PUT", "/v1/jobs", 405, "method_not_allowed"),
        ("GET", "/v1/jobs/none", 404, "no_job"),
        ("DELETE", "/v1/jobs/none", 404, "no_job"),
        ("POST", "/v1/jobs/none/cancel", 404, "no_job"),
        ("GET", "/v1/jobs/none/events", 404, "no_job"),
        ("GET", "/v1/jobs/none/result", 404, "no_job"),
        ("GET", "/v1/jobs/..%2f..%2fetc/result", 404, "not_found"),
    ],
)
def test_what_is_not_there_is_told_as_json(
    served: Served, method: str, path: str, status: int, code: str
) -> None:
    answer = served.ask(method, path)
    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["Content-Type"] == "application/json"


def test_a_damaged_photo_fails_with_its_name_and_nothing_of_the_servers_places(
    served: Served, photo: bytes, tmp_path: Path
) -> None:
    job = ended(served.client, served.post_photo(photo[:60], "scale=2&file_name=mine.png").json)
    assert job["state"] == "failed"
    assert job["error"]["code"] == "cannot_upscale"
    assert job["error"]["message"].startswith("mine.png")
    assert str(tmp_path) not in json.dumps(job)
    assert spooled(tmp_path) == []


def test_a_photo_beyond_the_bound_of_pixels_says_what_would_help(
    served: Served, photo: bytes
) -> None:
    job = ended(served.client, served.post_photo(photo, "scale=2&max_pixels=100").json)
    assert job["error"]["remedy"] == "max-pixels"


def test_a_result_beyond_the_bound_is_refused_before_any_work(
    serve: Serve, photo: bytes, tmp_path: Path
) -> None:
    served = serve(limits=Limits(result_pixels=400))
    answer = served.post_photo(photo, "scale=2")
    assert (answer.status, answer.code) == (422, "too_large")
    assert "24x20" in answer.message
    assert spooled(tmp_path) == []


@pytest.mark.parametrize("is_told", [True, False])
def test_an_upload_beyond_the_bound_is_refused_and_nothing_of_it_kept(
    serve: Serve, tmp_path: Path, is_told: bool
) -> None:
    served = serve(limits=Limits(upload_bytes=5000))
    kind = {"Content-Type": "image/png"}
    body = bytes(6000)
    if not is_told:
        kind |= {"Transfer-Encoding": "chunked", "Content-Length": ""}
        body = b"1770\r\n" + body + b"\r\n0\r\n\r\n"
    answer = served.ask("POST", "/v1/jobs?scale=2", body, kind)
    assert (answer.status, answer.code) == (413, "too_large")
    assert "5,000" in answer.message
    assert spooled(tmp_path) == []


def test_a_model_that_cannot_be_loaded_fails_its_job_alone(serve: Serve, photo: bytes) -> None:
    def broken(*_: object) -> Exporter:
        raise WeightsError("tiny.safetensors is damaged; get it again")

    served = serve(open_exporter=broken)
    for _ in range(2):
        job = ended(served.client, served.post_photo(photo).json)
        assert job["error"]["message"] == "tiny.safetensors is damaged; get it again"


def test_a_defect_fails_its_job_and_the_next_one_is_done(
    serve: Serve, photo: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    exporters = iter([FakeExporter()])
    defects = iter([ZeroDivisionError("by nought")])

    def open_exporter(*_: object) -> Exporter:
        for defect in defects:
            raise defect
        return next(exporters)

    served = serve(open_exporter=open_exporter)
    job = ended(served.client, served.post_photo(photo).json)
    assert (job["state"], job["error"]["code"]) == ("failed", "unexpected")
    assert "ZeroDivisionError" in job["error"]["message"]
    assert ended(served.client, served.post_photo(photo).json)["state"] == "done"
    assert "by nought" in caplog.text


def test_a_waiting_job_is_cancelled_at_once(served: Served, photo: bytes, tmp_path: Path) -> None:
    served.exporter.go_on.clear()
    first, second = (served.post_photo(photo).json for _ in range(2))
    job = served.client.cancel(second["id"])
    assert (job["state"], job["error"]["message"]) == ("cancelled", "cancelled by its client")
    served.exporter.go_on.set()
    assert ended(served.client, first)["state"] == "done"
    assert len(served.exporter.targets) == 1
    assert served.client.cancel(first["id"])["state"] == "done"


def test_a_job_that_is_worked_on_is_cancelled_at_its_next_step(
    serve: Serve, photo: bytes, tiny_weights: Path, tmp_path: Path
) -> None:
    served = serve(open_exporter=open_real)
    job = served.post_photo(photo, "scale=1000").json  # 120 megapixels
    events = served.client.events(job["id"])
    assert next(event for event in events if event.kind == "running")
    told = served.client.cancel(job["id"])
    assert told["is_cancelling"] or told["state"] == "cancelled"
    assert [event.kind for event in events][-1] == "cancelled"
    assert spooled(tmp_path) == []


def test_a_deleted_job_leaves_nothing(served: Served, photo: bytes, tmp_path: Path) -> None:
    job = ended(served.client, served.post_photo(photo).json)
    assert spooled(tmp_path) == ["photo_24x20.png"]  # the upload has gone
    served.client.delete(job["id"])
    assert spooled(tmp_path) == []
    assert served.ask("GET", f"/v1/jobs/{job['id']}").status == 404
    served.exporter.go_on.clear()
    running = served.post_photo(photo).json
    events = served.client.events(running["id"])
    next(events)
    served.client.delete(running["id"])
    assert served.client.jobs() == []
    served.exporter.go_on.set()
    assert [event.kind for event in events][-1] in ("cancelled", "done")


def test_jobs_are_listed_in_their_order(served: Served, photo: bytes) -> None:
    ids = [served.post_photo(photo).json["id"] for _ in range(3)]
    assert [job["id"] for job in served.client.jobs()] == ids


def test_health_and_models_are_told(serve: Serve, tiny_weights: Path, photo: bytes) -> None:
    import liifgan_core

    served = serve(open_exporter=open_real)
    assert served.client.health()["loaded_models"] == []
    ended(served.client, served.post_photo(photo).json)
    health = served.client.health()
    assert (health["api"], health["version"]) == (1, liifgan_core.__version__)
    assert (health["num_jobs"], health["loaded_models"]) == (1, ["tiny"])
    [model] = served.client.models()
    assert (model["name"], model["has_detail"], model["is_ready"]) == ("tiny", False, True)


def test_a_result_is_kept_for_its_time(serve: Serve, photo: bytes, tmp_path: Path) -> None:
    now = [0.0]
    served = serve(clock=lambda: now[0], limits=Limits(kept_s=100.0))
    job = ended(served.client, served.post_photo(photo).json)
    served.client.health()
    now[0] = 99.0
    assert len(served.client.jobs()) == 1
    now[0] = 300.0
    assert served.client.jobs() == []
    assert spooled(tmp_path) == []
    assert served.ask("GET", f"/v1/jobs/{job['id']}/result").status == 404


def test_of_too_many_jobs_only_fetched_ones_make_room(serve: Serve, photo: bytes) -> None:
    served = serve(limits=Limits(num_kept=2))
    first, second = (ended(served.client, served.post_photo(photo).json) for _ in range(2))
    answer = served.post_photo(photo)
    assert (answer.status, answer.code) == (429, "too_many_jobs")
    assert served.ask("GET", f"/v1/jobs/{second['id']}/result").status == 200
    third = served.post_photo(photo)
    assert third.status == 202
    assert [job["id"] for job in served.client.jobs()] == [first["id"], third.json["id"]]


def test_a_full_spool_takes_no_upload(serve: Serve, photo: bytes) -> None:
    served = serve(limits=Limits(spool_bytes=len(photo) - 1))
    answer = served.post_photo(photo)
    assert (answer.status, answer.code) == (429, "storage_full")
    assert int(answer.headers["Retry-After"]) >= 1


def test_what_is_lost_is_told_without_the_servers_places(
    serve: Serve, tiny_weights: Path, tmp_path: Path
) -> None:
    served = serve(open_exporter=open_real)
    path = tmp_path / "deep.png"
    PilImage.new("I;16", (8, 6), 40_000).save(path)
    sent = served.post_photo(path.read_bytes(), "scale=2&format=jpeg&file_name=deep.png")
    job = ended(served.client, sent.json)
    [loss] = job["result"]["losses"]
    assert loss["code"] == "bits"
    assert loss["message"].startswith("deep.png has 16 bits")


def test_deep_photos_keep_their_depth(serve: Serve, tiny_weights: Path, tmp_path: Path) -> None:
    served = serve(open_exporter=open_real)
    path = tmp_path / "deep.png"
    PilImage.new("I;16", (8, 6), 40_000).save(path)
    job = ended(served.client, served.post_photo(path.read_bytes(), "scale=2").json)
    answer = served.ask("GET", f"/v1/jobs/{job['id']}/result")
    result = tmp_path / "result.png"
    result.write_bytes(answer.body)
    assert read_image(result).num_bits == 16
