"""Sweeps: contributions of all examples that match, and figures of any column over them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from attriboard.api.context import SessionOf
from attriboard.api.encoding import json_response
from attriboard.api.endpoints import Brief
from attriboard.api.schemas.aggregates import AggregateFilter, AggregateView
from attriboard.api.schemas.attributions import JobAnswer
from attriboard.api.schemas.common import answers, json_of
from attriboard.api.schemas.examples import Filter
from attriboard.api.schemas.sweeps import SweepQuestion, SweepView
from attriboard.api.views.examples import bins, query
from attriboard.catalog import Aggregate, Summary, Wanted
from attriboard.jobs.sweep_plan import SweepRequest
from attriboard.jobs.sweeps import SweepState

router = APIRouter(prefix="/api", tags=["sweeps"], route_class=Brief)

EVERYTHING = Filter.model_validate({})


@router.post(
    "/sweeps",
    summary="Compute contributions of all matches",
    responses={
        202: json_of(JobAnswer, "Queued; follow the job, whose results are SweepDone"),
        **answers(SweepView, 413, 422),
    },
)
def start_sweep(session: SessionOf, question: SweepQuestion) -> Response:
    """Starts the job that computes what is missing, behind all other work, or joins it.

    Numbers become columns of the catalog as they come; a job that is stopped and asked for again
    goes on where it was. The answer is the state of the sweep where nothing is missing.
    """
    wanted, request = query(question.filter or EVERYTHING), request_of(question)
    job = session.sweeps.start(wanted, request)
    if job is None:
        return json_response(sweep_view(session.sweeps.state(wanted, request)))
    found = job.view()
    return json_response({"job": found}, 202, {"Location": f"jobs/{found['id']}"})


@router.post(
    "/sweeps/state",
    summary="What a sweep covers and lacks",
    responses=answers(SweepView, 413, 422),
)
def read_sweep(session: SessionOf, question: SweepQuestion) -> Response:
    """Examples, passes to come, the columns the numbers are in, and the job under way if any."""
    state = session.sweeps.state(query(question.filter or EVERYTHING), request_of(question))
    return json_response(sweep_view(state))


@router.get(
    "/aggregates",
    summary="Figures of columns over the matches",
    responses=answers(AggregateView, 404, 422),
)
def aggregate(session: SessionOf, filters: Annotated[AggregateFilter, Query()]) -> Response:
    """Means with 95 % intervals, quartiles and histograms, over all matches and by group."""
    plain = Filter.model_validate(filters.model_dump(include=set(Filter.model_fields)))
    wanted = Wanted(
        columns=tuple(dict.fromkeys(filters.column)),
        of=filters.of or filters.model,
        by=filters.by,
        complete=filters.complete,
        low=filters.low,
        high=filters.high,
        points=filters.points,
    )
    return json_response(aggregate_view(session.catalog.aggregate(query(plain), wanted)))


def request_of(question: SweepQuestion) -> SweepRequest:
    """The question as the session takes it."""
    asked = question.model_dump(include={"shapley", "target", "baseline", "seed"})
    method = question.method
    return SweepRequest(
        method_id=None if method is None else method.id,
        params={} if method is None else method.params,
        models=None if question.models is None else tuple(question.models),
        **asked,
    )


def sweep_view(state: SweepState) -> dict[str, Any]:
    """The state as JSON."""
    return {
        "examples": state.examples,
        "lacking": state.lacking,
        "passes": state.passes,
        "models": [asdict(each) for each in state.models],
        "columns": state.columns,
        "interactions": [
            {"inputs": [a, b], "column": column} for a, b, column in state.interactions
        ],
        "job": state.job,
    }


def aggregate_view(found: Aggregate) -> dict[str, Any]:
    """The figures as JSON."""
    return {
        "total": found.total,
        "columns": [_summary(each) for each in found.columns],
        "groups": [
            {
                "value": group.value,
                "name": group.name,
                "count": group.count,
                "columns": [_summary(each) for each in group.columns],
            }
            for group in found.groups
        ],
    }


def _summary(found: Summary) -> dict[str, Any]:
    return {**vars(found), "bins": bins(found.bins)}
