"""A served board in a process of its own, which can be looked at from outside and killed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[2]
BOARD = Path(__file__).with_name("world.py")
START_SECONDS = 90.0


@dataclass
class Served:
    """`url` has no slash at its end."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """As the kernel does when memory runs out, or a person with `kill -9`."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """As Ctrl-C does; the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=30)

    def state(self) -> dict[str, float]:
        """Memory in MB, threads and open files."""
        seen = psutil.Process(self.process.pid)
        with seen.oneshot():
            return {
                "memory": seen.memory_info().rss / 1e6,
                "threads": seen.num_threads(),
                "files": seen.num_fds(),
            }

    def wait_until_predicted(self) -> None:
        """Until each example has a prediction."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            board = httpx.get(f"{self.url}/api/board", timeout=30, trust_env=False).json()
            if board["catalog"]["predicted"].get("model") == board["size"]:
                return
            time.sleep(0.1)
        raise RuntimeError("The predictions did not end.")


def serve(store: Path, log: Path, *flags: str) -> Served:
    """Starts the server on a free port and waits until it answers."""
    command = [sys.executable, "-m", "attriboard.cli", "serve", f"{BOARD}:board", "--no-open"]
    command += ["--port", "0", "--store", str(store), *flags]
    paths = os.pathsep.join([str(ROOT / "backend"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "COLUMNS": "200"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
        )
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"http://[0-9.:]+", log.read_text())
        if found and _answers(found[0]):
            return Served(found[0], process, log)
        time.sleep(0.05)
    process.kill()
    raise RuntimeError(f"The server did not start:\n{log.read_text()[-3000:]}")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
