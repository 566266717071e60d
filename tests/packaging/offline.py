"""Uses an installed AttriBoard as its first user does, offline: `python offline.py COMMAND ...`.

Run by the Python of a fresh environment, so it stands on the standard library alone. It starts the
server, loads the page and every asset the page names, computes one attribution and prints what it
saw as JSON.
"""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1
START_SECONDS = 180.0
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Assets(HTMLParser):
    """The addresses a page loads at once."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        address = values.get("src") if tag in {"script", "img"} else values.get("href")
        if tag in {"script", "img", "link"} and address:
            self.found.append(address)


def interfaces() -> list[str]:
    """The network interfaces this process sees; the loopback alone where it is offline."""
    return [name for _, name in socket.if_nameindex()]


def raise_loopback() -> None:
    """A network namespace starts with its loopback down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))


def ask(url: str, body: dict[str, Any] | None = None) -> tuple[int, bytes]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with OPENER.open(request, timeout=60) as answer:
        return answer.status, answer.read()


def wait_until_served(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if ask(f"{url}healthz")[0] == 200:
                return
        except urllib.error.URLError:
            time.sleep(0.2)
    raise SystemExit(f"the server did not answer within {START_SECONDS:.0f} seconds")


def attribute(url: str) -> dict[str, Any]:
    """One Integrated Gradients result of the first example."""
    body = {"examples": [0], "method": {"id": "IntegratedGradients", "params": {}}}
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        status, answer = ask(f"{url}api/attributions", body)
        if status == 200:
            result: dict[str, Any] = json.loads(answer)["results"][0]
            return result
        time.sleep(0.3)
    raise SystemExit("the attribution was not computed in time")


def use(url: str) -> dict[str, Any]:
    _, page = ask(url)
    assets = Assets()
    assets.feed(page.decode())
    answers = {address: ask(urljoin(url, address)) for address in assets.found}
    return {
        "interfaces": interfaces(),
        "assets": {address: [status, len(body)] for address, (status, body) in answers.items()},
        "board": json.loads(ask(f"{url}api/board")[1]),
        "result": attribute(url),
    }


def main(command: list[str]) -> None:
    port = command[command.index("--port") + 1]
    if interfaces() == ["lo"]:
        raise_loopback()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    try:
        url = f"http://127.0.0.1:{port}/"
        wait_until_served(url, process)
        print(json.dumps(use(url)))
    finally:
        process.terminate()
        process.wait(timeout=30)


if __name__ == "__main__":
    main(sys.argv[1:])
