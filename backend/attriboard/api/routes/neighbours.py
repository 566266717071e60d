"""The examples most alike to one, by what the model's last layer is given."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from attriboard.api.context import SessionOf, known_index
from attriboard.api.encoding import json_response
from attriboard.api.endpoints import Brief
from attriboard.api.routes.examples import ExampleIndex
from attriboard.api.schemas.attributions import JobAnswer
from attriboard.api.schemas.common import LONGEST_NAME, answers, json_of
from attriboard.api.schemas.marks import NeighbourList
from attriboard.jobs.job import Job
from attriboard.jobs.neighbours import MOST

router = APIRouter(prefix="/api", tags=["examples"], route_class=Brief)

Model = Annotated[
    str | None, Query(max_length=LONGEST_NAME, description="The model; the first when left out.")
]
Count = Annotated[int, Query(ge=1, le=MOST, description="How many neighbours.")]


@router.get(
    "/examples/{index}/neighbours",
    summary="The nearest examples",
    responses={
        202: json_of(JobAnswer, "The features are being worked out; follow the job"),
        **answers(NeighbourList, 404, 422),
    },
)
def read_neighbours(
    session: SessionOf, index: ExampleIndex, model: Model = None, count: Count = 24
) -> Response:
    """The nearest by cosine in the space of the model's last layer, the example itself aside."""
    known_index(index, session.board)
    name = model or next(iter(session.board.models))
    found = session.neighbours(name, index, count)
    if isinstance(found, Job):
        job = found.view()
        return json_response({"job": job}, 202, {"Location": f"../../jobs/{job['id']}"})
    items = session.catalog.rows([each.index for each in found], name)
    return json_response(
        {
            "neighbours": [
                {"similarity": each.similarity, "item": item}
                for each, item in zip(found, items, strict=True)
            ]
        }
    )
