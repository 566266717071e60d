"""The command line: demo, serve, attribute, doctor.

Heavy imports stand inside the commands, so that `attriboard --version` answers at once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from attriboard.api.logs import LogFormat
from attriboard.cli.place import Executors, Place
from attriboard.version import __version__

if TYPE_CHECKING:
    from attriboard.board import Board
    from attriboard.cli.doctor import Finding
    from attriboard.demos import Demo
    from attriboard.jobs.executors import Executor
    from attriboard.jobs.limits import Limits

LEAVE_SECONDS = 3.0
TIME_LIMIT = 1800.0  # seconds
STORE_LIMIT = 20.0  # GB

app = typer.Typer(
    help="An interactive debugging dashboard for PyTorch models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 is every address.")]
Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="Port to listen on; 8321 or the next free one if not set."),
]
Token = Annotated[
    str | None,
    typer.Option(
        envvar="ATTRIBOARD_TOKEN",
        help="Secret to ask for. One is made when --host is not this machine alone.",
    ),
]
BaseUrl = Annotated[
    str, typer.Option(help="Path or address a proxy offers the page at, such as /board.")
]
AllowHost = Annotated[
    list[str] | None,
    typer.Option(help="A further name the server goes by, such as a proxy's. May be repeated."),
]
Open = Annotated[
    bool | None,
    typer.Option("--open/--no-open", help="Open the page in the browser; if there is a screen."),
]
Store = Annotated[
    Path | None,
    typer.Option(help="Folder that keeps predictions and results; the user's cache if not set."),
]
Isolate = Annotated[
    bool,
    typer.Option(
        "--isolate",
        help="Run the model in processes of its own: one that crashes leaves the server up.",
    ),
]
TimeLimit = Annotated[
    float, typer.Option(min=1, help="Seconds of computing after which a request is ended.")
]
StoreLimit = Annotated[
    float,
    typer.Option(min=0.001, help="GB that stored results may take; the oldest in use go first."),
]
Memory = Annotated[
    str | None,
    typer.Option(
        help="What the rows of one pass through the model may take, such as 512M or 2G; a share "
        "of what is free if not set."
    ),
]
Log = Annotated[
    LogFormat, typer.Option(help="What is written of each request: a line of text or of JSON.")
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, max=1024, help="Computations at a time; 1, or as many as fit on Ray."),
]
Where = Annotated[
    Executors, typer.Option("--executor", help="Where the models run: here, or on Ray.")
]
RayAddress = Annotated[
    str | None,
    typer.Option(help="The Ray cluster, such as auto or ray://host:10001; one is started here."),
]
Gpus = Annotated[
    float, typer.Option("--gpus-per-worker", min=0, help="GPUs of a Ray worker; may be a part.")
]


Reload = Annotated[
    bool, typer.Option("--reload", help="Serve the board anew when its files or weights change.")
]
Watch = Annotated[
    list[Path] | None,
    typer.Option(help="With --reload: a further file or folder to watch. May be repeated."),
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"attriboard {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """An interactive debugging dashboard for PyTorch models."""


@app.command()
def serve(
    target: Annotated[
        str,
        typer.Argument(
            metavar="FILE.py[:NAME] | MODULE:NAME",
            help="A Board, or a function without arguments that returns one; NAME is `board` when "
            "left out.",
        ),
    ],
    host: Host = "127.0.0.1",
    port: Port = None,
    token: Token = None,
    base_url: BaseUrl = "",
    allow_host: AllowHost = None,
    open_browser: Open = None,
    store: Store = None,
    isolate: Isolate = False,
    workers: Workers = None,
    executor: Where = Executors.LOCAL,
    ray_address: RayAddress = None,
    gpus: Gpus = 0.0,
    time_limit: TimeLimit = TIME_LIMIT,
    store_limit: StoreLimit = STORE_LIMIT,
    memory: Memory = None,
    log: Log = LogFormat.QUIET,
    reload: Reload = False,
    watch: Watch = None,
) -> None:
    """Serve a board of your own."""
    with _sentences():
        if reload:
            _reloading(target, host, port, token, open_browser, watch or [])
        from attriboard.cli.loading import absolute, load_board, load_models

        board = load_board(target)
        place = Place(executor, isolate, workers, ray_address, gpus)
        runner = place.executor(board, partial(load_models, absolute(target)))
        _serve(
            board,
            host,
            port,
            token,
            base_url,
            allow_host,
            open_browser,
            store,
            runner,
            _limits(time_limit, store_limit),
            memory,
            log,
        )


@app.command()
def demo(
    name: Annotated[str | None, typer.Argument(help="The demo; the first one if not set.")] = None,
    list_demos: Annotated[bool, typer.Option("--list", help="List the demos.")] = False,
    host: Host = "127.0.0.1",
    port: Port = None,
    token: Token = None,
    base_url: BaseUrl = "",
    allow_host: AllowHost = None,
    open_browser: Open = None,
    store: Store = None,
    isolate: Isolate = False,
    workers: Workers = None,
    executor: Where = Executors.LOCAL,
    ray_address: RayAddress = None,
    gpus: Gpus = 0.0,
    time_limit: TimeLimit = TIME_LIMIT,
    store_limit: StoreLimit = STORE_LIMIT,
    memory: Memory = None,
    log: Log = LogFormat.QUIET,
) -> None:
    """Serve a board that comes with AttriBoard."""
    with _sentences():
        from attriboard.demos import DEMOS

        if list_demos:
            _list(DEMOS)
            return
        from attriboard.api.launch import store_path
        from attriboard.cli.loading import load_demo_models

        chosen = _demo(DEMOS, name)
        folder = store_path(f"demo-{chosen.name}", store)
        board = chosen.load(folder)
        load = partial(load_demo_models, chosen.name, folder)
        runner = Place(executor, isolate, workers, ray_address, gpus).executor(board, load)
        _serve(
            board,
            host,
            port,
            token,
            base_url,
            allow_host,
            open_browser,
            folder,
            runner,
            _limits(time_limit, store_limit),
            memory,
            log,
        )


@app.command()
def attribute(
    target: Annotated[
        str,
        typer.Argument(
            metavar="FILE.py[:NAME] | MODULE:NAME | demo:NAME",
            help="A Board, a function without arguments that returns one, or a demo.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write: new, or one of the same command.")],
    method: Annotated[
        list[str] | None,
        typer.Option(
            help='A method, or NAME:{"n_steps": 20} with parameters. May be repeated.',
        ),
    ] = None,
    where: Annotated[
        str | None, typer.Option(help='Which examples, such as "correct = false"; all if not set.')
    ] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="So many of them, at random.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The seed of every random draw.")] = 0,
    model: Annotated[
        list[str] | None, typer.Option(help="A model; all if not set. May be repeated.")
    ] = None,
    explained: Annotated[
        str | None,
        typer.Option("--target", help="The class explained; each one's own prediction if not set."),
    ] = None,
    baseline: Annotated[
        list[str] | None,
        typer.Option(help="INPUT=NAME or INPUT=example:INDEX. May be repeated."),
    ] = None,
    contributions: Annotated[
        bool, typer.Option(help="Write what each input contributes, by exact Shapley values.")
    ] = True,
    arrays: Annotated[
        bool, typer.Option(help="Write the attributions themselves, besides the tables.")
    ] = True,
    budget: Annotated[str, typer.Option(help="What the files may take on disk.")] = "10GB",
    store: Store = None,
    isolate: Isolate = False,
    workers: Workers = None,
    executor: Where = Executors.LOCAL,
    ray_address: RayAddress = None,
    gpus: Gpus = 0.0,
) -> None:
    """Write attributions of many examples as Parquet and safetensors.

    The same command goes on where it was stopped.
    """
    with _sentences():
        from attriboard.cli import attribute as command

        board, load = command.board_of(target, store)
        wanted = command.Wanted(
            methods=method or [],
            where=where,
            sample=sample,
            seed=seed,
            models=model,
            target=explained,
            baselines=baseline or [],
            contributions=contributions,
            arrays=arrays,
            budget=budget,
        )
        runner = Place(executor, isolate, workers, ray_address, gpus).executor(board, load)
        command.run(board, wanted, out, store, runner)


@app.command()
def doctor(store: Store = None) -> None:
    """Print versions, devices, the store's health, and what is missing."""
    from attriboard.cli.doctor import examine

    findings: list[Finding] = []
    for finding in examine(store):
        _print(finding, is_first=not findings or findings[-1].group != finding.group)
        findings.append(finding)
    bad = [finding.name for finding in findings if finding.verdict == "bad"]
    if bad:
        typer.secho(f"\nNot ready: see {', '.join(bad)}.", fg="red", err=True)
        raise typer.Exit(1)
    typer.echo("\nReady.")


@app.command()
def methods() -> None:
    """List every attribution method, those of installed packages among them."""
    from attriboard import engine

    width = max(len(name) for name in engine.METHODS)
    for name, kind in engine.METHODS.items():
        typer.echo(f"{name:<{width}}  {kind.summary}")


def _serve(
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
) -> None:
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
    )
    # A thread inside the user's model would hold up the end of the process for as long as it runs.
    leave = threading.Timer(LEAVE_SECONDS, os._exit, [0])
    leave.daemon = True
    leave.start()


def _limits(seconds: float, gigabytes: float) -> Limits:
    from attriboard.jobs.limits import Limits

    return Limits(seconds=seconds, store_bytes=int(gigabytes * 1e9))


def _reloading(
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


def _demo(demos: dict[str, Demo], name: str | None) -> Demo:
    from attriboard.engine.errors import InvalidInput

    if name is None:
        return next(iter(demos.values()))
    if name in demos:
        return demos[name]
    raise InvalidInput(f"There is no demo {name!r}; there is {', '.join(demos)}.", "name")


def _list(demos: dict[str, Demo]) -> None:
    width = max(len(name) for name in demos)
    for name, entry in demos.items():
        typer.echo(f"{name:<{width}}  {entry.title}: {entry.summary}")


def _print(finding: Finding, is_first: bool) -> None:
    if is_first:
        typer.secho(f"\n{finding.group}", bold=True)
    mark = {"ok": " ", "note": "-", "bad": "!"}[finding.verdict]
    colour = {"ok": None, "note": "yellow", "bad": "red"}[finding.verdict]
    typer.secho(f"{mark} {finding.name:<18} {finding.text}", fg=colour)


@contextmanager
def _sentences() -> Iterator[None]:
    """Our own errors end the command with their sentence, and the user's lines where they help."""
    from attriboard.engine.errors import AttriboardError

    try:
        yield
    except AttriboardError as error:
        typer.echo(getattr(error, "trace", ""), err=True, nl=False)
        typer.secho(f"Error: {error}", fg="red", err=True)
        raise typer.Exit(1) from None
