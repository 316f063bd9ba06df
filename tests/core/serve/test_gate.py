"""No web page and nobody without the token gets anything done: asked of a real server."""

import socket

import pytest

from liifgan_core.serve.gate import Hosts
from tests.core.serve.conftest import TIMEOUT_S, Serve, Served

ADDRESSES = [
    ("GET", "/v1/health"),
    ("GET", "/v1/models"),
    ("GET", "/v1/jobs"),
    ("POST", "/v1/jobs?scale=2"),
    ("GET", "/v1/jobs/x"),
    ("DELETE", "/v1/jobs/x"),
    ("GET", "/v1/jobs/x/events"),
    ("GET", "/v1/jobs/x/result"),
    ("POST", "/v1/jobs/x/cancel"),
    ("GET", "/docs"),
    ("GET", "/openapi.json"),
]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_nothing_is_answered_without_the_token(served: Served, method: str, path: str) -> None:
    answer = served.ask(method, path, headers={"Authorization": ""})
    assert (answer.status, answer.code) == (401, "no_token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("Bearer wrong", "wrong_token"),
        ("Bearer ", "no_token"),  # a header's end is trimmed
        ("Basic {token}", "no_token"),
        ("{token}", "no_token"),
        ("Bearer {token}x", "wrong_token"),
        ("Bearer x{token}", "wrong_token"),
    ],
)
def test_another_token_is_none(served: Served, given: str, code: str) -> None:
    header = {"Authorization": given.format(token=served.token)}
    answer = served.ask("GET", "/v1/health", headers=header)
    assert (answer.status, answer.code) == (401, code)


def test_a_token_in_the_address_is_none(served: Served) -> None:
    path = f"/v1/health?token={served.token}&authorization=Bearer%20{served.token}"
    assert served.ask("GET", path, headers={"Authorization": ""}).status == 401


@pytest.mark.parametrize(
    "host",
    [
        "photos.example:{port}",  # a name that was made to lead here
        "localhost.example:{port}",
        "127.0.0.1.example:{port}",
        "127.0.0.1:1",
        "127.0.0.1",
        "192.168.1.2:{port}",
        "localhost.:{port}",
        "user@127.0.0.1:{port}",
        "127.0.0.1:{port}, x",
        "",
    ],
)
def test_another_host_is_refused_even_with_the_token(served: Served, host: str) -> None:
    header = {"Host": host.format(port=served.port)}
    answer = served.ask("GET", "/v1/health", headers=header)
    # Without any the HTTP library refuses it already.
    assert answer.status == (403 if host else 400)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_the_names_of_this_machine_are_hosts(served: Served, host: str) -> None:
    assert served.ask("GET", "/v1/health", headers={"Host": f"{host}:{served.port}"}).status == 200


def test_two_hosts_are_refused(served: Served) -> None:
    lines = [
        "GET /v1/health HTTP/1.1",
        f"Host: 127.0.0.1:{served.port}",
        "Host: photos.example",
        f"Authorization: Bearer {served.token}",
        "Connection: close",
    ]
    with socket.create_connection(("127.0.0.1", served.port), timeout=TIMEOUT_S) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        status = connection.makefile("rb").readline()
    assert status.split()[1] in (b"400", b"403")


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://photos.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:{port}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/jobs"), ("POST", "/v1/jobs?scale=2")])
def test_browsers_are_refused_even_with_the_token(
    served: Served, photo: bytes, method: str, path: str, header: dict[str, str]
) -> None:
    header = {name: value.format(port=served.port) for name, value in header.items()}
    body = photo if method == "POST" else None
    answer = served.ask(method, path, body, {**header, "Content-Type": "image/png"})
    assert (answer.status, answer.code) == (403, "web_page")
    assert served.client.jobs() == []


def test_a_script_that_sends_a_mode_alone_is_no_browser(served: Served) -> None:
    """As Node's fetch does."""
    assert served.ask("GET", "/v1/health", headers={"Sec-Fetch-Mode": "cors"}).status == 200


def test_a_preflight_gets_no_leave(served: Served) -> None:
    asked = {
        "Origin": "https://photos.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
        "Authorization": "",
    }
    answer = served.ask("OPTIONS", "/v1/jobs", headers=asked)
    assert answer.status == 403
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_what_a_form_can_send_is_no_job(served: Served, photo: bytes, kind: str) -> None:
    answer = served.ask("POST", "/v1/jobs?scale=2", photo, {"Content-Type": kind})
    assert (answer.status, answer.code) == (415, "content_type")


def test_every_answer_may_neither_be_kept_nor_shown_as_a_page(served: Served) -> None:
    for headers in ({}, {"Authorization": ""}):
        answer = served.ask("GET", "/v1/health", headers=headers)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Server" not in answer.headers


def test_a_refused_upload_is_answered_though_it_was_sent(served: Served) -> None:
    kind = {"Content-Type": "image/png", "Authorization": "Bearer wrong"}
    answer = served.ask("POST", "/v1/jobs?scale=2", bytes(900_000), kind)
    assert answer.code == "wrong_token"


def test_more_open_requests_than_allowed_are_told_when_to_come_again(
    serve: Serve, photo: bytes
) -> None:
    from liifgan_core.serve.limits import Limits

    served = serve(limits=Limits(num_requests=1))
    served.exporter.go_on.clear()
    job = served.post_photo(photo).json
    stream = served.client.events(job["id"])
    next(stream)  # the first request stays open
    answer = served.ask("GET", "/v1/health")
    assert (answer.status, answer.code) == (429, "too_many_requests")
    assert answer.headers["Retry-After"] == "1"
    served.exporter.go_on.set()
    assert [event.kind for event in stream][-1] == "done"
    assert served.ask("GET", "/v1/health").status == 200


def test_on_all_addresses_a_name_is_still_no_host() -> None:
    hosts = Hosts(8377, frozenset(("localhost", "studio")), takes_addresses=True)
    assert hosts.allows("192.168.1.2:8377")
    assert hosts.allows("[fe80::1]:8377")
    assert hosts.allows("studio:8377")
    assert not hosts.allows("photos.example:8377")
    assert not hosts.allows("192.168.1.2:80")
