"""ASGI middleware, outermost first: base path, telemetry, body limit, compression."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from attriboard.api.errors import Refused, problem_of, unexpected
from attriboard.api.metrics import Metrics
from attriboard.jobs.line import ASKER

log = logging.getLogger("attriboard.api")
BODY_LIMIT = 1_000_000
# Examples of one's own carry pictures and sounds, as base64.
BODY_LIMITS = {"/api/edits": 16_000_000}
BODY_SECONDS = 30.0
CLIENT_CHARACTERS = 64
COMPRESS_FROM = 1_000
COMPRESS_LEVEL = 4


class BasePath:
    """Serves the app below a path, whether or not the proxy takes that path off."""

    def __init__(self, app: ASGIApp, path: str = "") -> None:
        self.app = app
        self.path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.path:
            await self.app(scope, receive, send)
        elif scope["path"] == self.path:
            # Relative addresses in the page need the slash.
            await RedirectResponse(self.path + "/")(scope, receive, send)
        else:
            await self.app(self._below(scope), receive, send)

    def _below(self, scope: Scope) -> Scope:
        path: str = scope["path"]
        if not path.startswith(self.path + "/"):
            return scope
        rest = path.removeprefix(self.path)
        return {**scope, "path": rest, "raw_path": rest.encode()}


class Telemetry:
    """Gives each request an id, counts it, and answers for exceptions nobody expected."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(6)
        status = 0

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        started = time.perf_counter()
        try:
            await self.app(scope, receive, send_noted)
        except Exception:
            log.exception("%s %s failed (request %s)", scope["method"], scope["path"], request_id)
            if status:  # the answer has begun; closing the connection is all that is left
                raise
            await unexpected(request_id)(scope, receive, send_noted)
        finally:
            seconds = _since(started)
            self.metrics.request(_route(scope), scope["method"], status, seconds)
            _note(scope, request_id, status, seconds)


def _note(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    if not log.isEnabledFor(logging.INFO):
        return
    told = {
        "request": request_id,
        "client": (scope.get("client") or ("", 0))[0],
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
    log.info("answered", extra=told)


class Asker:
    """Says whose request this is, so that clients take turns where work waits.

    The page gives each of its tabs a name; others are known by their address.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            address = (scope.get("client") or ("", 0))[0]
            name = Headers(scope=scope).get("x-attriboard-client", "")[:CLIENT_CHARACTERS]
            ASKER.set(f"{address} {name}")
        await self.app(scope, receive, send)


class BodyLimit:
    """Refuses bodies above `limit` bytes, announced or not, before a route reads them.

    A body that takes longer than `seconds` to arrive is given up.
    """

    def __init__(
        self, app: ASGIApp, limit: int = BODY_LIMIT, seconds: float = BODY_SECONDS
    ) -> None:
        self.app = app
        self.limit = limit
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        limit = max(self.limit, BODY_LIMITS.get(scope["path"], 0))
        try:
            async with asyncio.timeout(self.seconds):
                messages = await self._read(scope, receive, limit)
        except TimeoutError:
            await problem_of(self._too_slow())(scope, receive, send)
            return
        if messages is None:
            await problem_of(self._refusal(limit))(scope, receive, send)
            return
        waiting = iter(messages)

        async def receive_read() -> Message:
            return next(waiting, None) or await receive()

        await self.app(scope, receive_read, send)

    async def _read(self, scope: Scope, receive: Receive, limit: int) -> list[Message] | None:
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > limit:
            return None
        messages: list[Message] = []
        size = 0
        more = True
        while more:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
            if size > limit:
                return None
        return messages

    def _too_slow(self) -> Refused:
        return Refused(
            f"The body did not arrive within {self.seconds:g} seconds. Send it again.",
            status=HTTPStatus.REQUEST_TIMEOUT,
            type="too-slow",
            title="Body too slow",
        )

    def _refusal(self, limit: int) -> Refused:
        return Refused(
            f"The body is larger than {limit:,} bytes. Ask for fewer examples at once, or send a "
            "smaller file.",
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            type="too-large",
            title="Body too large",
        )


class Compression:
    """Gzip for text. Pictures and arrays are dense already, and event streams must not wait."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.zipped = GZipMiddleware(app, COMPRESS_FROM, COMPRESS_LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        dense = "/inputs/" in path or "/results/" in path or path.endswith("/events")
        await (self.app if dense else self.zipped)(scope, receive, send)


def _route(scope: Scope) -> str:
    """The route's pattern, so that a metric does not grow with each example looked at."""
    return str(getattr(scope.get("route"), "path", "unmatched"))


def _since(started: float) -> float:
    return time.perf_counter() - started
