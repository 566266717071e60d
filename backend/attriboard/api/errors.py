"""Errors as RFC 9457 problem details: sentences that name the cause, the field and the mend.

NotFound (AttriboardError)   nothing is stored or listed under this name
Refused  (AttriboardError)   the request may not be answered: token, host, origin or size
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from attriboard.api.validation import describe
from attriboard.engine.errors import (
    AttriboardError,
    Cancelled,
    InvalidInput,
    ModelError,
    Unsupported,
)
from attriboard.jobs.admission import BusyError

MEDIA_TYPE = "application/problem+json"
MOST_CHARACTERS = 2_000  # of a sentence
log = logging.getLogger("attriboard.api")


class NotFound(AttriboardError):
    """Nothing is known under the name in the request. The message says what was looked for."""


class Refused(AttriboardError):
    """The request may not be answered. `status` is the HTTP status, `type` the problem's name."""

    def __init__(
        self, message: str, *, status: int, type: str, title: str, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.status = status
        self.type = type
        self.title = title


# Most particular class first: the first match answers.
PROBLEMS: tuple[tuple[type[AttriboardError], int, str, str], ...] = (
    (NotFound, 404, "not-found", "Not found"),
    (InvalidInput, 422, "invalid-input", "The request cannot be used as it is"),
    (Unsupported, 422, "unsupported", "This method cannot run here"),
    (ModelError, 422, "model-error", "The model raised an error"),
    (Cancelled, 409, "cancelled", "The computation was cancelled"),
    (AttriboardError, 422, "error", "The request could not be answered"),
)


def problem(
    status: int,
    type: str,
    title: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> Response:
    """A problem+json response. `members` are extension members such as `field`."""
    body = {
        "type": f"urn:attriboard:problem:{type}",
        "title": title,
        "status": status,
        "detail": _shortened(detail),
        **{name: value for name, value in members.items() if value is not None},
    }
    content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    return Response(content, status, {"Cache-Control": "no-store", **(headers or {})}, MEDIA_TYPE)


def _shortened(text: str) -> str:
    """What was sent is told back, but not all of what was sent to swamp whoever reads it."""
    half = MOST_CHARACTERS // 2
    return text if len(text) <= MOST_CHARACTERS else f"{text[:half]} … {text[-half:]}"


def busy(error: BusyError) -> Response:
    """429 where one client asks too much, 503 where the server is at its end; when to retry."""
    status, title = (429, "Too many requests") if error.reason == "client" else (503, "Busy")
    headers = {"Retry-After": str(math.ceil(error.retry_after))}
    return problem(status, "busy", title, str(error), headers=headers)


def problem_of(error: AttriboardError) -> Response:
    """The problem response of one of our own exceptions."""
    if isinstance(error, Refused):
        headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        return problem(error.status, error.type, error.title, str(error), headers=headers)
    if isinstance(error, BusyError):
        return busy(error)
    for kind, status, type, title in PROBLEMS:
        if isinstance(error, kind):
            return problem(status, type, title, str(error), field=getattr(error, "field", None))
    raise AssertionError("AttriboardError is the last row of PROBLEMS")


def unexpected(request_id: str) -> Response:
    """The answer to a bug of ours: nothing of its inside is told, the log has it by its id."""
    return problem(
        500,
        "unexpected",
        "Something went wrong in AttriBoard",
        "This is a bug. The terminal that runs AttriBoard shows the full error under request id "
        f"{request_id}; please report it with those lines.",
        request_id=request_id,
    )


def install(app: FastAPI) -> None:
    """Make every error that leaves a route a problem+json response."""
    app.add_exception_handler(AttriboardError, _on_attriboard_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_error)


async def _on_attriboard_error(_: Request, error: Exception) -> Response:
    if isinstance(error, ModelError):
        log.warning("The model raised an error", exc_info=error)
    return problem_of(cast(AttriboardError, error))


async def _on_validation_error(_: Request, error: Exception) -> Response:
    found = describe(cast(RequestValidationError, error).errors())
    return problem(
        422,
        "invalid-input",
        "The request cannot be used as it is",
        " ".join(sentence for _, sentence in found),
        field=found[0][0],
        errors=[{"field": field, "detail": _shortened(sentence)} for field, sentence in found],
    )


async def _on_http_error(request: Request, error: Exception) -> Response:
    raised = cast(HTTPException, error)
    status = HTTPStatus(raised.status_code)
    return problem(
        status.value,
        status.phrase.lower().replace(" ", "-"),
        status.phrase,
        _http_detail(request, raised),
        headers=raised.headers,
    )


def _http_detail(request: Request, error: HTTPException) -> str:
    path = request.url.path
    if error.status_code == HTTPStatus.NOT_FOUND:
        return f"There is nothing at {path}. The routes are listed at /api/openapi.json."
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "another method")
        return f"{path} does not take {request.method}; it takes {allowed}."
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return "The request could not be read. Send a JSON body in UTF-8."
    return str(error.detail)
