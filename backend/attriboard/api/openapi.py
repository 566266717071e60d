"""The OpenAPI schema. `python -m attriboard.api.openapi` prints it without a board."""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from attriboard.api.caching import REVALIDATE, etag_of, not_modified
from attriboard.api.schemas.aggregates import AggregateView
from attriboard.api.schemas.attributions import (
    Estimate,
    JobAnswer,
    JobError,
    JobList,
    PartialEvent,
    Progress,
    ResultList,
)
from attriboard.api.schemas.board import BoardView
from attriboard.api.schemas.common import Health, Problem
from attriboard.api.schemas.edits import EditList
from attriboard.api.schemas.examples import (
    ConfusionView,
    ExamplePage,
    ExampleView,
    FacetsView,
    IndexList,
    ScoresView,
    Selection,
)
from attriboard.api.schemas.marks import (
    IdAnswer,
    MarksView,
    NeighbourList,
    Pulse,
    SavedViewList,
    TagList,
)
from attriboard.api.schemas.measured import MeasuredList
from attriboard.api.schemas.overviews import OverviewEstimate, OverviewList
from attriboard.api.schemas.survey_table import SurveyList
from attriboard.api.schemas.surveys import SurveyEstimate
from attriboard.api.schemas.sweeps import SweepView
from attriboard.version import __version__

PATH = "/api/openapi.json"
DESCRIPTION = (
    "The API behind AttriBoard's page. Errors are problem details (RFC 9457). Attributions travel "
    "as numbers in safetensors, never as pictures."
)
# What routes and events answer with; the shapes within these come along.
ANSWERS = (
    Health,
    Problem,
    BoardView,
    ExamplePage,
    ExampleView,
    FacetsView,
    EditList,
    ConfusionView,
    ScoresView,
    IndexList,
    IdAnswer,
    MarksView,
    NeighbourList,
    Pulse,
    SavedViewList,
    TagList,
    Selection,
    Estimate,
    OverviewEstimate,
    OverviewList,
    ResultList,
    MeasuredList,
    SurveyEstimate,
    SurveyList,
    JobAnswer,
    JobList,
    Progress,
    PartialEvent,
    JobError,
    SweepView,
    AggregateView,
)


def describe(app: FastAPI) -> None:
    """Serves the schema of `app` at `PATH`."""

    @lru_cache(maxsize=1)
    def text() -> bytes:
        return json.dumps(schema_of(app), sort_keys=True).encode()

    def openapi(request: Request) -> Response:
        headers = {"Cache-Control": REVALIDATE, "ETag": etag_of(text())}
        known = not_modified(request, headers)
        return known or Response(text(), headers=headers, media_type="application/json")

    app.add_route(PATH, openapi, include_in_schema=False)


def schema_of(app: FastAPI) -> dict[str, Any]:
    """The schema of the app's routes, with the shapes of their answers."""
    schema = get_openapi(
        title="AttriBoard", version=__version__, description=DESCRIPTION, routes=app.routes
    )
    _, more = models_json_schema(
        [(model, "serialization") for model in ANSWERS],
        ref_template="#/components/schemas/{model}",
    )
    schema["components"]["schemas"] |= more["$defs"]
    return schema


def main() -> None:
    """Prints the schema, in the same order each time."""
    from attriboard.api.app import routed

    json.dump(schema_of(routed()), sys.stdout, indent=2, sort_keys=True, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
