"""Serve the demo while it is edited: Vite reloads the page, a Python change restarts the server.

Flags are those of `attriboard demo`; the page's address is Vite's.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

from frontend import FRONTEND, ROOT, FrontendError, install, needed_node

SOURCES = ROOT / "backend" / "attriboard"
PORT = "8321"


def newest_change() -> float:
    """When a Python source last changed."""
    return max(path.stat().st_mtime for path in SOURCES.rglob("*.py"))


def start_server(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "attriboard.cli", "demo", "--no-open", "--port", PORT]
    # Writes come from the page that Vite serves, on another port of this machine.
    command += ["--allow-host", "localhost", "--allow-host", "127.0.0.1"]
    return subprocess.Popen([*command, *arguments], cwd=ROOT)


def start_vite() -> subprocess.Popen[bytes]:
    node = needed_node()
    install(node)
    return subprocess.Popen([*node.npm, "run", "dev"], cwd=FRONTEND, env=node.environment())


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()


def main(arguments: Sequence[str]) -> int:
    vite = start_vite()
    server = start_server(arguments)
    seen = newest_change()
    try:
        while vite.poll() is None:
            time.sleep(0.5)
            if (change := newest_change()) > seen:
                seen = change
                print("A Python source changed: the server starts again.", flush=True)
                stop(server)
                server = start_server(arguments)
    except KeyboardInterrupt:
        pass
    finally:
        stop(server)
        stop(vite)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except FrontendError as error:
        sys.exit(str(error))
