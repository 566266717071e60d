"""What goes wrong around the server: slow and lost clients, a full disk, a jump of the clock."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from attriboard.api import protocol
from tests.endurance.process import BOARD, ROOT, Served, serve

ASK = {"examples": [0], "method": {"id": "Saliency", "params": {}}}
FULL = 500  # bytes: a file may not grow beyond, as on a disk without room


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("faults")
    started = serve(folder / "store", folder / "log")
    started.wait_until_predicted()
    yield started
    assert started.stop() == 0


def connect(server: Served) -> socket.socket:
    address = urlsplit(server.url)
    return socket.create_connection((address.hostname, address.port), timeout=60)


def healthy(server: Served) -> None:
    started = time.monotonic()
    assert httpx.get(f"{server.url}/healthz", trust_env=False).status_code == 200
    assert time.monotonic() - started < 2


def test_a_client_that_trickles_its_headers_is_hung_up_on(server: Served) -> None:
    slow = [connect(server) for _ in range(50)]
    for one in slow:
        one.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    started = time.monotonic()
    healthy(server)
    for one in slow[:3]:
        one.settimeout(protocol.HEADER_SECONDS + 15)
        with contextlib.suppress(ConnectionResetError):
            assert one.recv(10) == b""
    assert time.monotonic() - started < protocol.HEADER_SECONDS + 10
    for one in slow:
        one.close()


def test_a_client_that_leaves_in_the_middle_of_its_body(server: Served) -> None:
    for _ in range(20):
        gone = connect(server)
        gone.sendall(
            b"POST /api/attributions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
        )
        gone.close()
    healthy(server)


def test_event_streams_that_nobody_reads_do_not_hold_the_server_up(server: Served) -> None:
    before = server.state()
    half_open = []
    for steps in range(200, 212):
        body = {
            "examples": list(range(8)),
            "method": {"id": "IntegratedGradients", "params": {"n_steps": steps}},
        }
        job = httpx.post(f"{server.url}/api/attributions", json=body, trust_env=False).json()["job"]
        stream = connect(server)
        path = f"/api/jobs/{job['id']}/events"
        stream.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        half_open.append(stream)
    healthy(server)
    for stream in half_open:
        stream.close()
    end = time.monotonic() + 30
    while server.state()["files"] > before["files"] + 3 and time.monotonic() < end:
        time.sleep(0.2)
    assert server.state()["files"] <= before["files"] + 3
    healthy(server)


def test_a_disk_without_room_is_told_and_what_is_stored_is_served(tmp_path: Path) -> None:
    first = serve(tmp_path / "store", tmp_path / "log")
    first.wait_until_predicted()
    stored = _computed(first, ASK)
    first.stop()
    full = _serve_without_room(tmp_path)
    try:
        assert _computed(full, ASK) == stored
        refused = _state(full, {**ASK, "examples": [5]})
        assert refused["state"] == "failed"
        assert "cannot be stored" in refused["error"]["detail"]
        assert "Free some space" in refused["error"]["detail"]
        healthy(full)
        assert httpx.get(f"{full.url}/api/examples", trust_env=False).json()["total"] == 200
    finally:
        full.stop()


def test_files_from_the_future_are_files_as_others(tmp_path: Path) -> None:
    first = serve(tmp_path / "store", tmp_path / "log")
    first.wait_until_predicted()
    stored = _computed(first, ASK)
    first.stop()
    for file in (tmp_path / "store").rglob("*"):
        os.utime(file, (2**31, 2**31))
    second = serve(tmp_path / "store", tmp_path / "log", "--store-limit", "0.001")
    try:
        assert _computed(second, ASK) == stored
        assert _computed(second, {**ASK, "examples": [3]})
    finally:
        second.stop()


def test_a_second_server_on_the_store_is_refused(server: Served, tmp_path: Path) -> None:
    store = server.log.parent / "store"
    command = [sys.executable, "-m", "attriboard.cli", "serve", f"{BOARD}:board", "--no-open"]
    paths = os.pathsep.join([str(ROOT / "backend"), str(ROOT)])
    refused = subprocess.run(
        [*command, "--port", "0", "--store", str(store)],
        env={**os.environ, "PYTHONPATH": paths, "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert refused.returncode == 1
    assert "is in use by another AttriBoard" in refused.stderr
    healthy(server)


def _computed(server: Served, body: dict) -> list[str]:
    found = _state(server, body)
    assert found["state"] == "done", found
    return [meta["key"] for meta in found["results"]]


def _state(server: Served, body: dict) -> dict:
    answer = httpx.post(f"{server.url}/api/attributions", json=body, trust_env=False).json()
    if "results" in answer:
        return {"state": "done", **answer}
    path = f"{server.url}/api/jobs/{answer['job']['id']}"
    for _ in range(300):
        found = httpx.get(path, trust_env=False).json()
        if found["state"] not in {"queued", "running"}:
            return found
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def _serve_without_room(folder: Path) -> Served:
    """No file of this server, nor of what it starts, may grow beyond FULL bytes from now on."""
    running = serve(folder / "store", folder / "log-full")
    running.wait_until_predicted()
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (FULL, FULL))
    return running
