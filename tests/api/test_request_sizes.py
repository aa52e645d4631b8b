"""Every part of a request has a limit, and each is refused by a problem of its own."""

import contextlib
import gzip
import json
import select
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from app.domain.actor import Role
from app.main import create_app
from app.middleware.request_limits import MAX_HEADER_BYTES, MAX_TARGET_BYTES
from app.services.runtime import Runtime
from app.serving import MAX_HEAD_BYTES, config_of
from tests.support.live import free_port
from tests.support.rate_limits import client_of, process_of
from tests.support.world import World

JSON = {"Content-Type": "application/json"}
IMPORT = "officers/import?dry_run=true"


def code_of(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json", response.text
    assert response.json()["request_id"] == response.headers["x-request-id"]
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize(
    ("length", "status"), [(MAX_TARGET_BYTES, 404), (MAX_TARGET_BYTES + 1, 414)]
)
async def test_an_address_has_a_limit(client: httpx.AsyncClient, length: int, status: int):
    for url in ("/" + "a" * (length - 1), "/a?" + "b" * (length - 2)):
        response = await client.get(url)
        assert response.status_code == status
        assert len(response.json()["instance"]) <= 2000
    if status == 414:
        assert code_of(response) == (414, "target-too-long")
        assert response.json()["facts"] == {"limit_bytes": MAX_TARGET_BYTES}


async def test_header_fields_have_a_limit_together(client: httpx.AsyncClient):
    one = await client.get("/healthz", headers={"X-Long": "x" * MAX_HEADER_BYTES})
    many = await client.get("/healthz", headers=[(f"X-{n}", "x" * 30) for n in range(1000)])
    few = await client.get("/healthz", headers=[(f"X-{n}", "x" * 30) for n in range(100)])
    assert code_of(one) == code_of(many) == (431, "headers-too-large")
    assert few.status_code == 200


async def test_a_body_that_is_no_upload_has_a_smaller_limit(world: World):
    admin = await world.administrator()
    for size, status in ((1024 * 1024, 400), (1024 * 1024 + 1, 413)):
        response = await admin.request("POST", "accounts", content=b"[" * size, headers=JSON)
        assert response.status_code == status
    assert response.json()["facts"] == {"limit_bytes": 1024 * 1024}


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data; boundary=x", "MULTIPART/FORM-DATA", "text/plain", ""]
)
async def test_what_is_called_a_form_is_not_larger_where_no_file_is_taken(
    world: World, content_type: str
):
    admin = await world.administrator()
    headers = {"Content-Type": content_type}
    content = b"x" * (1024 * 1024 + 1)
    response = await admin.request("POST", "accounts", content=content, headers=headers)
    assert code_of(response) == (413, "body-too-large")


async def test_json_is_not_larger_where_a_file_is_taken(world: World):
    clerk = await world.caller(Role.DEPT_CLERK)
    content = b"x" * (1024 * 1024 + 1)
    response = await clerk.request("POST", IMPORT, content=content, headers=JSON)
    assert code_of(response) == (413, "body-too-large")


async def test_a_file_may_be_larger_and_has_its_own_limit(world: World):
    clerk = await world.caller(Role.DEPT_CLERK)
    for size, expected in (
        (2 * 1024 * 1024, 400),
        (33 * 1024 * 1024, (413, "file-too-large")),
        (34 * 1024 * 1024, (413, "body-too-large")),
    ):
        response = await clerk.request("POST", IMPORT, files={"file": ("a.xlsx", b"x" * size)})
        if expected == 400:
            assert response.status_code in {400, 415, 422}
            assert response.json()["code"] not in {"body-too-large", "file-too-large"}
        else:
            assert code_of(response) == expected


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "GZIP", "identity, gzip"])
async def test_a_compressed_body_is_not_unpacked(world: World, encoding: str):
    admin = await world.administrator()
    headers = JSON | {"Content-Encoding": encoding}
    content = gzip.compress(json.dumps({"username": "x" * 10**7}).encode())
    response = await admin.request("POST", "accounts", content=content, headers=headers)
    assert code_of(response) == (415, "unsupported-media-type")
    assert response.headers["accept-encoding"] == "identity"


async def test_a_body_that_says_it_is_not_compressed_is_read(world: World):
    admin = await world.administrator()
    headers = JSON | {"Content-Encoding": "identity"}
    response = await admin.request("POST", "accounts", content=b"{}", headers=headers)
    assert code_of(response) == (422, "validation-failed")


@pytest.mark.parametrize(
    "parts",
    [
        [("file", ("a.csv", b"x"))] * 5,
        [(f"field{n}", (None, b"x")) for n in range(21)],
        [("note", (None, b"x" * (64 * 1024 + 1)))],
    ],
    ids=["files", "fields", "a long field"],
)
async def test_a_form_with_too_many_or_too_large_parts_is_a_bad_request(world: World, parts: list):
    clerk = await world.caller(Role.DEPT_CLERK)
    response = await clerk.request("POST", IMPORT, files=parts)
    assert code_of(response) == (400, "malformed-request")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"--x",
        b"nonsense",
        b"--x\r\n\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file"',
    ],
)
async def test_a_broken_form_is_a_problem(world: World, content: bytes):
    clerk = await world.caller(Role.DEPT_CLERK)
    for content_type in ("multipart/form-data; boundary=x", "multipart/form-data"):
        headers = {"Content-Type": content_type}
        response = await clerk.request("POST", IMPORT, content=content, headers=headers)
        assert code_of(response)[0] in {400, 422}


async def test_the_limits_follow_the_settings(runtime: Runtime):
    process = process_of(runtime, max_json_bytes=1024, max_body_bytes=4096)
    async with client_of(process) as client:
        small = await client.post("/api/v1/auth/login", content=b" " * 1025, headers=JSON)
        large = await client.post("/api/v1/officers/import", files={"file": ("a", b"x" * 4096)})
        fits = await client.post("/api/v1/officers/import", files={"file": ("a", b"x" * 3000)})
    assert small.json()["facts"] == {"limit_bytes": 1024}
    assert large.json()["facts"] == {"limit_bytes": 4096}
    assert code_of(fits) == (401, "unauthenticated")


@pytest.mark.parametrize("limit", [1024, 4096])
async def test_a_body_of_undeclared_length_is_refused_and_not_read_to_its_end(
    runtime: Runtime, limit: int
):
    """Chunked, it says nothing of its size; what is over the limit stays with the sender."""
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        if limit > 1024:
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(100):
            sent += 256
            yield b" " * 256

    form = {"Content-Type": "multipart/form-data; boundary=x"}
    path, headers = ("auth/login", JSON) if limit == 1024 else ("officers/import", form)
    process = process_of(runtime, max_json_bytes=1024, max_body_bytes=4096)
    async with client_of(process) as client:
        response = await client.post(f"/api/v1/{path}", content=pieces(), headers=headers)
    assert "content-length" not in response.request.headers
    assert code_of(response) == (413, "body-too-large")
    assert response.json()["facts"] == {"limit_bytes": limit}
    assert sent <= limit + 2 * 256


@contextmanager
def served(runtime: Runtime) -> Iterator[int]:
    """The port of the service as `serve` runs it, on a database that no request here needs."""
    port = free_port()
    app = create_app(runtime.settings, clock=runtime.clock, runtime=runtime)
    server = uvicorn.Server(config_of(app, "127.0.0.1", port))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.02)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(20)


def spoken(port: int, *pieces: bytes) -> tuple[bytes, dict]:
    """What a connection answers to these bytes: the status line and the problem.

    A server that closes while more comes in resets the connection, and what it said may be lost on
    the way; so we stop when it speaks, and ask again where we were too fast for that.
    """
    for _ in range(10):
        if said := _said(port, *pieces):
            break
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head, said[:500]
    return head.split(b"\r\n")[0], json.loads(body)


def _said(port: int, *pieces: bytes) -> bytes:
    said = b""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=20) as line,
        contextlib.suppress(OSError),
    ):
        for piece in pieces:
            line.sendall(piece)
            if select.select([line], [], [], 0.01)[0]:
                break
        while chunk := line.recv(65536):
            said += chunk
    return said


@pytest.mark.service
def test_a_head_that_does_not_end_is_refused_while_it_comes_in(runtime: Runtime):
    start = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    with served(runtime) as port:
        endless = {
            "one field": [start + b"X-Long: ", *[b"x" * 1000] * 70],
            "many fields": [start, *[b"X-A: " + b"x" * 1000 + b"\r\n"] * 70],
            "the address": [b"GET /", *[b"x" * 1000] * 70],
        }
        for pieces in endless.values():
            status, problem = spoken(port, *pieces)
            assert status == b"HTTP/1.1 431 Request Header Fields Too Large"
            assert problem["code"] == "headers-too-large"
            assert problem["facts"] == {"limit_bytes": MAX_HEAD_BYTES}
        status, problem = spoken(port, b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (status.split()[1], problem["code"]) == (b"414", "target-too-long")


@pytest.mark.service
@pytest.mark.parametrize(
    "said",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_what_is_no_http_is_a_bad_request(runtime: Runtime, said: bytes):
    with served(runtime) as port:
        status, problem = spoken(port, said)
    assert (status, problem["code"]) == (b"HTTP/1.1 400 Bad Request", "malformed-request")


@pytest.mark.service
def test_a_long_body_and_many_requests_on_one_connection_are_no_long_head(runtime: Runtime):
    with served(runtime) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(3):
            body = b"[" * 900_000
            response = client.post("/nowhere", content=body, headers=JSON)
            assert response.status_code == 404
        for _ in range(200):
            response = client.get("/healthz", headers={"X-Long": "x" * 1000})
            assert response.status_code == 200
        pipelined = (
            b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n"
            + b"x" * 200_000
            + b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: "
        )
        with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
            line.sendall(pipelined)
            threading.Event().wait(0.2)
            line.sendall(b"b\r\n\r\n")
            said = b""
            while chunk := line.recv(65536):
                said += chunk
        assert said.count(b"HTTP/1.1 404 ") == 2
        forwarded = client.get("/healthz", headers={"X-Forwarded-For": "198.51.100.1"})
        assert "server" not in forwarded.headers
