"""The flags that several commands take, with their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attriboard.api.logs import LogFormat
from attriboard.cli.place import Executors

TIME_LIMIT = 1800.0  # seconds
STORE_LIMIT = 20.0  # GB

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
Results = Annotated[
    list[Path] | None,
    typer.Option(
        help="A folder that `attriboard attribute` wrote: its tables become columns to filter and "
        "sort by. May be repeated."
    ),
]
