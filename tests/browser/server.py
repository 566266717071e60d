"""Starts the demo as a user does, in a process of its own, and waits until it can be used."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

START_SECONDS = 60.0
PREDICT_SECONDS = 240.0


@dataclass(frozen=True)
class DemoServer:
    """A running demo. `url` has no slash at its end; `log` is all that the process printed."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}/{path}", timeout=30, trust_env=False)

    def wait_until_served(self) -> None:
        self._wait_for(self._answers, START_SECONDS, "did not answer /healthz")

    def wait_until_predicted(self) -> None:
        """Until the catalog holds a prediction of each model for every example."""
        self._wait_for(self._predicted, PREDICT_SECONDS, "did not predict every example")

    def _answers(self) -> bool:
        try:
            return self.get("healthz").status_code == 200
        except httpx.TransportError:
            return False

    def _predicted(self) -> bool:
        board = self.get("api/board").json()
        counts = board["catalog"]["predicted"]
        return all(counts.get(model["name"]) == board["size"] for model in board["models"])

    def _wait_for(self, ready: Callable[[], bool], seconds: float, failure: str) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None:
                failure = f"ended with code {self.process.returncode}"
            elif time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            raise RuntimeError(f"The demo {failure}:\n{self.log.read_text()[-4000:]}")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def start_demo(store: Path, log: Path, flags: Sequence[str] = ()) -> Iterator[DemoServer]:
    """`attriboard demo` on a free port of the loopback with this store, stopped at the end."""
    with _started(["demo", *flags], store, log) as server:
        yield server


@contextmanager
def start_board(file: Path, store: Path, log: Path) -> Iterator[DemoServer]:
    """`attriboard serve FILE`, likewise."""
    with _started(["serve", str(file)], store, log) as server:
        yield server


@contextmanager
def start_installed(attriboard: Path, store: Path, log: Path) -> Iterator[DemoServer]:
    """The demo of an installed `attriboard`, likewise, with nothing of this tree on its path."""
    with _started(["demo"], store, log, (str(attriboard),), {"PYTHONPATH": ""}) as server:
        yield server


@contextmanager
def _started(
    words: Sequence[str],
    store: Path,
    log: Path,
    program: Sequence[str] = (sys.executable, "-m", "attriboard.cli"),
    environment: Mapping[str, str] | None = None,
) -> Iterator[DemoServer]:
    port = free_port()
    command = [*program, *words, "--no-open", "--port", str(port), "--store", str(store)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        server = DemoServer(f"http://127.0.0.1:{port}", process, log)
        server.wait_until_served()
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
