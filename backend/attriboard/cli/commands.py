"""The command line: demo, serve, attribute, doctor.

Heavy imports stand inside the commands, so that `attriboard --version` answers at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attriboard.api.logs import LogFormat
from attriboard.cli import serving
from attriboard.cli.flags import (
    STORE_LIMIT,
    TIME_LIMIT,
    AllowHost,
    BaseUrl,
    Gpus,
    Host,
    Isolate,
    Log,
    Memory,
    Open,
    Port,
    RayAddress,
    Reload,
    Results,
    Store,
    StoreLimit,
    TimeLimit,
    Token,
    Watch,
    Where,
    Workers,
)
from attriboard.cli.place import Executors, Place
from attriboard.version import __version__

if TYPE_CHECKING:
    from attriboard.cli.doctor import Finding
    from attriboard.demos import Demo


app = typer.Typer(
    help="An interactive debugging dashboard for PyTorch models.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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
    results: Results = None,
    reload: Reload = False,
    watch: Watch = None,
) -> None:
    """Serve a board of your own."""
    with _sentences():
        if reload:
            serving.reloading(target, host, port, token, open_browser, watch or [])
        from attriboard.cli.loading import absolute, load_board, load_models

        board = load_board(target)
        place = Place(executor, isolate, workers, ray_address, gpus)
        runner = place.executor(board, partial(load_models, absolute(target)))
        serving.serve(
            board,
            host,
            port,
            token,
            base_url,
            allow_host,
            open_browser,
            store,
            runner,
            serving.limits_of(time_limit, store_limit),
            memory,
            log,
            results,
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
    results: Results = None,
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
        serving.serve(
            board,
            host,
            port,
            token,
            base_url,
            allow_host,
            open_browser,
            folder,
            runner,
            serving.limits_of(time_limit, store_limit),
            memory,
            log,
            results,
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
    metric: Annotated[
        list[str] | None,
        typer.Option(
            help="A figure measured of each method's attributions: infidelity, sensitivity_max, "
            "deletion or insertion. May be repeated."
        ),
    ] = None,
    budget: Annotated[str, typer.Option(help="What the files may take on disk.")] = "10GB",
    store: Store = None,
    isolate: Isolate = False,
    workers: Workers = None,
    executor: Where = Executors.LOCAL,
    ray_address: RayAddress = None,
    gpus: Gpus = 0.0,
    memory: Memory = None,
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
            metrics=metric or [],
            budget=budget,
            memory=memory,
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
