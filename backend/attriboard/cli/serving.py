"""What `serve` and `demo` do once there is a board.

Heavy imports stand inside the functions, as in commands.py.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from attriboard.api.logs import LogFormat

if TYPE_CHECKING:
    from attriboard.board import Board
    from attriboard.jobs.executors import Executor
    from attriboard.jobs.limits import Limits

LEAVE_SECONDS = 3.0


def serve(
    board: Board,
    host: str,
    port: int | None,
    token: str | None,
    base_url: str,
    allow_host: list[str] | None,
    open_browser: bool | None,
    store: Path | None,
    executor: Executor,
    limits: Limits,
    memory: str | None,
    log: LogFormat,
    results: list[Path] | None,
) -> None:
    """Serve the board until Ctrl-C, and then end the process in a bounded time."""
    from attriboard.api import launch

    launch.serve(
        board,
        host=host,
        port=port,
        token=token,
        base_url=base_url,
        allow_host=allow_host or (),
        open_browser=open_browser,
        store=store,
        executor=executor,
        limits=limits,
        memory=memory,
        log=log,
        results=results or (),
    )
    # A thread inside the user's model would hold up the end of the process for as long as it runs.
    leave = threading.Timer(LEAVE_SECONDS, os._exit, [0])
    leave.daemon = True
    leave.start()


def limits_of(seconds: float, gigabytes: float) -> Limits:
    """The limits that the flags name."""
    from attriboard.jobs.limits import Limits

    return Limits(seconds=seconds, store_bytes=int(gigabytes * 1e9))


def reloading(
    target: str,
    host: str,
    port: int | None,
    token: str | None,
    open_browser: bool | None,
    watch: list[Path],
) -> NoReturn:
    """Serves from a process of its own, ended and started again with each change."""
    from attriboard.api.security import is_loopback, new_token
    from attriboard.api.server import listen
    from attriboard.cli import reload

    with listen(host, port) as taken:
        port = taken.getsockname()[1]
    if token is None and not is_loopback(host):
        token = new_token()  # the link stays the same however often the board is served
    command = [sys.executable, "-m", "attriboard.cli", *reload.passed_on(sys.argv[1:])]
    command += ["--port", str(port), "--open" if open_browser else "--no-open"]
    secret = {} if token is None else {"ATTRIBOARD_TOKEN": token}
    roots = reload.watched(target, watch)
    raise typer.Exit(reload.supervise(command, secret, roots, typer.echo))
