"""The web application: routes, middleware and errors around one session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI

from attriboard.api import errors, static
from attriboard.api.context import Context
from attriboard.api.events import Streams
from attriboard.api.metrics import Metrics
from attriboard.api.middleware import Asker, BasePath, BodyLimit, Compression, Telemetry
from attriboard.api.openapi import describe
from attriboard.api.routes import (
    attributions,
    board,
    edits,
    examples,
    health,
    jobs,
    marks,
    metrics,
    neighbours,
    overviews,
    pulse,
    results,
    selection,
    surveys,
    sweeps,
)
from attriboard.api.security import Access, Guard, SecurityHeaders
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.session import Session

SELF = ("'self'",)


def create_app(
    session: Session,
    *,
    token: str | None = None,
    allow_hosts: Iterable[str] = (),
    base_url: str = "",
    static_dir: Path = static.BUILT,
    frame_ancestors: Sequence[str] = SELF,
) -> FastAPI:
    """The app that serves `session`, which the caller starts and closes.

    `token`: asked of every request where given. `allow_hosts`: names the Host header may carry
    besides localhost and addresses. `base_url`: the path, or the full address, below which a proxy
    offers the app. `static_dir`: the built page. `frame_ancestors`: who may frame the page.
    """
    path = base_path(base_url)
    hosts = {host.lower() for host in allow_hosts} | base_hosts(base_url)
    access = Access(token, frozenset(hosts), path or "/")
    streams = Streams()
    metered = Metrics(lambda: {**session.figures(), "open_streams": len(streams)})
    context = Context(session, metered, streams=streams)
    app = routed()
    app.state.context = context
    app.include_router(static.router(static_dir))
    # The last one added is the first to see a request.
    app.add_middleware(Compression)
    app.add_middleware(Asker)
    app.add_middleware(BodyLimit)
    app.add_middleware(Guard, access=access)
    app.add_middleware(SecurityHeaders, frame_ancestors=frame_ancestors)
    app.add_middleware(Telemetry, metrics=context.metrics)
    app.add_middleware(BasePath, path=path)
    return app


def routed() -> FastAPI:
    """The API's routes and errors, without a session: enough to describe them."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for module in (
        health,
        board,
        edits,
        examples,
        attributions,
        metrics,
        surveys,
        jobs,
        results,
        selection,
        sweeps,
        overviews,
        marks,
        neighbours,
        pulse,
    ):
        app.include_router(module.router)
    describe(app)
    errors.install(app)
    return app


def base_path(base_url: str) -> str:
    """The path of a base URL: "" for the root, else with a slash in front and none behind."""
    parts = urlsplit(base_url)
    path = parts.path.strip("/")
    fits = parts.scheme in {"", "http", "https"} and not parts.query and not parts.fragment
    if not fits or (parts.scheme and not parts.hostname):
        raise InvalidInput(
            f"The base URL {base_url!r} is not a path such as /board or an address such as "
            "https://box.example/board.",
            "base_url",
        )
    return f"/{path}" if path else ""


def base_hosts(base_url: str) -> set[str]:
    """The host a full base URL names; nothing for a path."""
    name = urlsplit(base_url).hostname
    return {name} if name else set()
