"""The listening socket and the web server around it."""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from attriboard.api.events import Streams
from attriboard.api.protocol import Prompt
from attriboard.engine.errors import InvalidInput

DEFAULT_PORT = 8321
PORTS_TRIED = 20
HIGHEST_PORT = 65535
DRAIN_SECONDS = 2
KEEP_ALIVE_SECONDS = 75  # a connection closed just as a request comes is an error to some clients
STOP_SECONDS = 10.0


def listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens. `port` None: the default one or the next that is free; 0: any.

    Raises InvalidInput where the address cannot be listened on.
    """
    if port is not None:
        return _listen(host, port)
    for candidate in range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED):
        try:
            return _listen(host, candidate)
        except PortTaken:
            continue
    raise InvalidInput(
        f"The ports {DEFAULT_PORT} to {DEFAULT_PORT + PORTS_TRIED - 1} are all taken. Choose "
        "another with --port.",
        "port",
    )


class PortTaken(InvalidInput):
    """Another program listens on the port."""


class Server(uvicorn.Server):
    """Uvicorn, which says when it listens and ends in a bounded time when told to stop."""

    def __init__(self, app: FastAPI, streams: Streams) -> None:
        super().__init__(_config(app))
        self.on_listening: Callable[[], None] | None = None
        self._streams = streams
        self._watchdog: threading.Timer | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.on_listening is not None:
            self.on_listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._streams.close()  # an open event stream would hold the connection
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal ends the server, a second one drops open connections."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
            return
        self.should_exit = True
        # A thread inside the user's model cannot be stopped; the process can.
        self._watchdog = threading.Timer(STOP_SECONDS, os._exit, [128 + sig])
        self._watchdog.daemon = True
        self._watchdog.start()

    def stopped(self) -> None:
        """All is closed: the process need not be ended by force."""
        if self._watchdog is not None:
            self._watchdog.cancel()


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Prompt,
        lifespan="off",
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= HIGHEST_PORT:
        raise InvalidInput(f"The port {port} is not between 0 and {HIGHEST_PORT}.", "port")
    family, address = _resolve(host, port)
    # The protocol is named because asyncio switches Nagle's delay off only where it reads TCP:
    # without it each answer waits 40 ms for the client's acknowledgement.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere the option would let two servers share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(2048)
    except OSError as error:
        sock.close()
        raise _explained(error, host, port) from error
    return sock


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[object, ...]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise InvalidInput(
            f"The host {host!r} is not a name or address of this machine. Use 127.0.0.1 for this "
            "machine alone, or 0.0.0.0 for all its addresses.",
            "host",
        ) from error
    # A name such as localhost may stand for both families; addresses are printed as IPv4.
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, address


def _explained(error: OSError, host: str, port: int) -> InvalidInput:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(
            f"Port {port} is taken by another program. Choose another with --port, or stop that "
            "program.",
            "port",
        )
    if error.errno == errno.EACCES:
        return InvalidInput(
            f"This user may not listen on port {port}. Choose one above 1023 with --port.", "port"
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return InvalidInput(
            f"The host {host!r} is not an address of this machine. Use 127.0.0.1 for this machine "
            "alone, or 0.0.0.0 for all its addresses.",
            "host",
        )
    return InvalidInput(f"Cannot listen on {host}:{port}: {error.strerror}.", "host")
