"""What every schema shares: strictness, limits, problems."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_EXAMPLES = 1000
LONGEST_NAME = 200
LARGEST_INDEX = 2**53 - 1  # what a browser holds exactly

Index = Annotated[int, Field(ge=0, le=LARGEST_INDEX)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Seed = Annotated[int, Field(ge=0, le=LARGEST_INDEX)]


class Answer(BaseModel):
    """Base of what the server sends. Unknown members may be added in later versions."""

    model_config = ConfigDict(extra="allow", defer_build=True)


class Question(BaseModel):
    """Base of what the server is sent. A misspelt member is an error, not silence."""

    model_config = ConfigDict(extra="forbid")


class FieldProblem(Answer):
    """One field at fault."""

    field: str | None = Field(description="Dotted name of the field, or null for the whole body.")
    detail: str = Field(description="A sentence that says what is wrong and how to mend it.")


class Problem(Answer):
    """An error as RFC 9457 problem details."""

    type: str = Field(description="A name for the kind of problem: urn:attriboard:problem:…")
    title: str = Field(description="The kind of problem, in words a person understands.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened here, and what to do about it.")
    field: str | None = Field(None, description="Dotted name of the field at fault.")
    errors: list[FieldProblem] | None = Field(None, description="Each field at fault.")
    request_id: str | None = Field(
        None, description="Where to find an unexpected error in the log."
    )


class Health(Answer):
    """The server lives."""

    status: Literal["ok"] = Field(description="Always ok: a dead server does not answer.")


Responses = dict[int | str, dict[str, Any]]
JSON = "application/json"
PROBLEM = "application/problem+json"
DESCRIBED = {
    304: "Not modified: the entity the request already holds is current",
    401: "The server requires a token",
    403: "The Host or Origin header is refused",
    404: "Nothing is known under this name",
    413: "The body is too large",
    422: "A field is not valid",
    429: "Too many requests from this client, or too many wrong tokens; Retry-After says when",
    500: "A bug in AttriBoard",
    503: "Too much work waits, or memory is short; Retry-After says when to ask again",
}


def answers(shape: type[BaseModel], *statuses: int) -> Responses:
    """The `responses` of a route that answers with `shape` or one of these problems."""
    return {200: json_of(shape, "The answer"), **problems(*statuses)}


def problems(*statuses: int) -> Responses:
    """The problems a route may answer with, and those that any route may."""
    return {status: _problem(status) for status in (*statuses, 401, 403, 429, 500, 503)}


def json_of(shape: type[BaseModel], description: str) -> dict[str, Any]:
    """A response that holds `shape`.

    By reference: answers are written by `views` and need no validator, which would take time to
    build at each start.
    """
    return {"description": description, "content": {JSON: {"schema": reference(shape)}}}


def reference(shape: type[BaseModel]) -> dict[str, str]:
    """Where the OpenAPI schema keeps `shape`."""
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def _problem(status: int) -> dict[str, Any]:
    if status == 304:
        return {"description": DESCRIBED[status]}
    return {"description": DESCRIBED[status], "content": {PROBLEM: {"schema": reference(Problem)}}}
