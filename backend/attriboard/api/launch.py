"""Serving a board: blocking from a script or the command line, in a thread from a notebook."""

from __future__ import annotations

import atexit
import gc
import html
import os
import re
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import platformdirs
from rich.console import Console

from attriboard.api import terminal
from attriboard.api.app import SELF, base_path, create_app
from attriboard.api.context import Context
from attriboard.api.logs import LogFormat, configure
from attriboard.api.security import is_loopback, new_token
from attriboard.api.server import Server, listen
from attriboard.board import Board
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.executors import Executor
from attriboard.jobs.limits import Limits
from attriboard.jobs.session import NO_LIMITS, Session

LOOPBACK = "127.0.0.1"
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})
START_SECONDS = 30.0
LEAST_MEMORY = 1 << 20
HUB_PREFIX = "JUPYTERHUB_SERVICE_PREFIX"
# Where notebooks show their output: Jupyter on this machine, and editors.
NOTEBOOKS = (
    "'self'",
    "http://localhost:*",
    "http://127.0.0.1:*",
    "vscode-webview:",
    "vscode-file:",
)


def serve(
    board: Board,
    *,
    host: str = LOOPBACK,
    port: int | None = None,
    token: str | None = None,
    base_url: str = "",
    allow_host: Iterable[str] = (),
    open_browser: bool | None = None,
    store: Path | str | None = None,
    executor: Executor | None = None,
    limits: Limits = NO_LIMITS,
    memory: int | str | None = None,
    log: LogFormat = LogFormat.QUIET,
    results: Iterable[Path | str] = (),
) -> None:
    """Serves the board until Ctrl-C, and prints the address to open.

    `port`: None takes 8321 or the next free one. `token`: None makes one where the host can be
    reached from other machines. `base_url`: the path or address a proxy offers the page at.
    `open_browser`: None opens it where there is a screen. `store`: the folder that keeps
    predictions and results; None is the user's cache folder. `executor`: where the models run; None
    is here. `results`: folders that `attriboard attribute` wrote, whose tables become columns.
    `limits`: of time and disk. `memory`: what the rows of one pass may take, in bytes or
    such as "2G"; None is a share of what is free. Raises InvalidInput.
    """
    configure(log)
    limits = replace(limits, memory=byte_count(memory) or limits.memory)
    running = Running(
        board, host, port, token, base_url, allow_host, store, executor=executor, limits=limits
    )
    console = Console()

    opened = [(path, running.session.open_export(Path(path))) for path in results]

    def on_listening() -> None:
        terminal.announce(console, board.name, running.url)
        if host in EVERYWHERE and not base_url:
            terminal.note(
                console, f"From another machine, put {socket.gethostname()} in its place."
            )
        terminal.open_browser(running.url, open_browser)
        for path, columns in opened:
            terminal.note(console, f"From {path}: {', '.join(columns)}")
        running.start_session(console)
        # The collector takes 0.2 s to look through all that was imported: nobody is served then.
        gc.collect()
        gc.freeze()

    running.run(on_listening)


def show(
    board: Board,
    *,
    host: str = LOOPBACK,
    port: int | None = None,
    token: str | None = None,
    base_url: str = "",
    allow_host: Iterable[str] = (),
    store: Path | str | None = None,
    memory: int | str | None = None,
    height: int = 800,
) -> View:
    """Serves the board from a thread and returns what a notebook shows inline.

    Takes what `serve` takes; `height` is the frame's, in pixels. A view shown before on the same
    store is closed: running a notebook's cell again shows the board anew.
    """
    if os.environ.get(HUB_PREFIX) and not base_url:
        # Asked for by the hub's name, which is not known here: a token guards instead of the name.
        token = token or new_token()
        allow_host = {*allow_host, "*"}
    path = store_path(board.name, store).absolute()
    if path in _shown:
        _shown[path].close()
    limits = Limits(memory=byte_count(memory))
    running = Running(
        board, host, port, token, base_url, allow_host, path, NOTEBOOKS, limits=limits
    )
    _shown[path] = View(running, height)
    return _shown[path]


# One server has a store at a time, and nobody closes what an earlier run of a cell has opened.
_shown: dict[Path, View] = {}


class View:
    """A board shown in a notebook: the last expression of a cell shows the page."""

    def __init__(self, running: Running, height: int) -> None:
        self._running = running
        self._height = height
        listening = threading.Event()
        self._thread = threading.Thread(
            target=running.run, args=(listening.set,), name="attriboard-view", daemon=True
        )
        self._thread.start()
        listening.wait(START_SECONDS)
        running.start_session()
        atexit.register(self.close)

    @property
    def url(self) -> str:
        """The page's address."""
        return self._running.url

    @property
    def frame_url(self) -> str:
        """Where the notebook's page finds the board: by way of its proxy, where there is one."""
        return self._running.frame_url

    @property
    def selection(self) -> list[int]:
        """Indices of the examples now selected on the page, in order."""
        return self._running.context.selection.get()

    @selection.setter
    def selection(self, examples: Iterable[int]) -> None:
        """Selects examples; an open page follows within a moment. Raises InvalidInput."""
        chosen = list(dict.fromkeys(int(index) for index in examples))
        size = len(self._running.board)
        for index in chosen:
            if not 0 <= index < size:
                raise InvalidInput(
                    f"There is no example {index}: the dataset has {size:,}, numbered from 0.",
                    "selection",
                )
        self._running.context.selection.set(chosen)

    def wait(self) -> None:
        """Returns when the server has stopped, by `close` or otherwise."""
        self._thread.join()

    def close(self) -> None:
        """Stops the server and frees the store. May be called again."""
        atexit.unregister(self.close)
        self._running.server.should_exit = True
        self._thread.join()
        _shown.pop(self._running.store, None)

    def _repr_html_(self) -> str:
        address = html.escape(self.frame_url, quote=True)
        return (
            f'<iframe src="{address}" width="100%" height="{self._height}" '
            'style="border: 0" title="AttriBoard"></iframe>'
            f'<p><a href="{address}" target="_blank" rel="noopener">Open in its own tab</a></p>'
        )

    def __repr__(self) -> str:
        return f"<AttriBoard view of {self._running.board.name!r} at {self.url}>"


class Running:
    """A board with its session, its app and a socket that listens."""

    def __init__(
        self,
        board: Board,
        host: str,
        port: int | None,
        token: str | None,
        base_url: str,
        allow_host: Iterable[str],
        store: Path | str | None,
        frame_ancestors: Sequence[str] = SELF,
        executor: Executor | None = None,
        limits: Limits = NO_LIMITS,
    ) -> None:
        self.board = board
        self.store = store_path(board.name, store)
        if token is None and not is_loopback(host):
            token = new_token()
        self.socket = listen(host, port)
        try:
            self.url = address(self.socket, host, base_url, token, board.opening)
            self.frame_url = frame_address(self.url, base_url)
            self.session = Session(board, self.store, executor=executor, limits=limits)
            self.app = create_app(
                self.session,
                token=token,
                allow_hosts={*allow_host, *own_names(host)},
                base_url=base_url,
                frame_ancestors=frame_ancestors,
            )
        except BaseException:
            self.socket.close()
            raise
        self.context: Context = self.app.state.context
        self.server = Server(self.app, self.context.streams)

    def run(self, on_listening: Callable[[], None]) -> None:
        """Answers requests until told to stop, then closes the session."""
        self.server.on_listening = on_listening
        try:
            self.server.run(sockets=[self.socket])
        finally:
            self.session.close()
            self.server.stopped()

    def start_session(self, console: Console | None = None) -> None:
        """Opens the catalog and starts the predictions, while the server answers already."""

        def start() -> None:
            self.session.start()
            job = self.session.predict_job
            if console is not None and job is not None:
                terminal.follow(console, job)

        threading.Thread(target=start, name="attriboard-start", daemon=True).start()


def address(
    sock: socket.socket, host: str, base_url: str, token: str | None, opening: str = ""
) -> str:
    """The address a person opens, with the token where there is one, and the view to open."""
    parts = [part for part in (opening, urlencode({"token": token}) if token else "") if part]
    query = f"?{'&'.join(parts)}" if parts else ""
    if urlsplit(base_url).hostname:
        return f"{base_url.rstrip('/')}/{query}"
    port = sock.getsockname()[1]
    return f"http://{_in_address(host)}:{port}{base_path(base_url)}/{query}"


def frame_address(url: str, base_url: str) -> str:
    """The address for a frame in a notebook.

    A base path is a proxy's on the notebook's own server, so it is asked for there. On a
    JupyterHub the notebook is elsewhere than the browser, and its own proxy leads to the board.
    """
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    path = base_path(base_url)
    if path and not urlsplit(base_url).hostname:
        return f"{path}/{query}"
    prefix = os.environ.get(HUB_PREFIX, "")
    if prefix and not base_url:
        return f"{prefix.rstrip('/')}/proxy/{parts.port}/{query}"
    return url


def store_path(name: str, store: Path | str | None = None) -> Path:
    """The folder that keeps what is computed: `store`, or the board's own in the user's cache."""
    if store is not None:
        return Path(store).expanduser()
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "board"
    return Path(platformdirs.user_cache_dir("attriboard")) / slug


def byte_count(memory: int | str | None) -> int | None:
    """A size such as "512M" or "2G" (powers of 1024) in bytes; None for None.

    Raises InvalidInput for what is no size, and for less than a megabyte.
    """
    if memory is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?", str(memory).strip(), re.IGNORECASE)
    power = "KMGT".find(found[2].upper()) + 1 if found and found[2] else 0
    size = int(float(found[1]) * 1024**power) if found else 0
    if size < LEAST_MEMORY:
        raise InvalidInput(
            f"{memory!r} is no memory budget: give a size of 1M or more, such as 512M or 2G.",
            "memory",
        )
    return size


def own_names(host: str) -> set[str]:
    """Names under which a server that listens on `host` is rightly asked for."""
    if is_loopback(host):
        return set()
    machine = socket.gethostname()
    return {host, machine, f"{machine}.local"}


def _in_address(host: str) -> str:
    """The host as it stands in an address. "Every address" is none, but this machine is in it."""
    if host in EVERYWHERE:
        return LOOPBACK
    return f"[{host}]" if ":" in host else host
