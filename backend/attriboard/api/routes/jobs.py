"""Jobs: follow them, listen to them, cancel them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query
from starlette.responses import Response

from attriboard.api.context import ContextOf, SessionOf
from attriboard.api.encoding import json_response
from attriboard.api.endpoints import Brief
from attriboard.api.errors import NotFound
from attriboard.api.events import EventStream, is_over
from attriboard.api.schemas.attributions import JobList, JobView
from attriboard.api.schemas.common import LARGEST_INDEX, answers, problems
from attriboard.jobs.job import Job
from attriboard.jobs.session import Session

router = APIRouter(prefix="/api", tags=["jobs"], route_class=Brief)

JobId = Annotated[str, Path(max_length=64, description="The job's id.")]
After = Annotated[int, Query(ge=0, le=LARGEST_INDEX, description="Only events newer than this id.")]
LastEventId = Annotated[
    str | None, Header(max_length=20, description="What a browser sends when it comes back.")
]
EVENTS = {
    "description": "Server-sent events: `progress` (Progress), `partial` (PartialEvent), then one "
    "of `done` (ResultList, MeasuredList, SurveyList or a list of SweepDone), `failed` (JobError) "
    "or `cancelled`. Ids grow; a lost stream resumes after Last-Event-ID.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}


@router.get("/jobs", summary="Live jobs", responses=answers(JobList))
def list_jobs(session: SessionOf) -> Response:
    """The jobs that have not ended, oldest first."""
    return json_response({"jobs": [job.view() for job in session.queue.jobs()]})


@router.get("/jobs/{id}", summary="One job", responses=answers(JobView, 404, 422))
def read_job(session: SessionOf, id: JobId) -> Response:
    """State, progress and the results stored so far."""
    job = _find(session, id)
    job.touch()
    return json_response(job.view())


@router.delete("/jobs/{id}", summary="Cancel a job", responses=answers(JobView, 404, 422))
def cancel_job(session: SessionOf, id: JobId) -> Response:
    """Stops the job within one block of the model; results already stored stay."""
    job = _find(session, id)
    job.cancel()
    return json_response(job.view())


@router.get(
    "/jobs/{id}/events",
    summary="A job's events",
    response_class=Response,
    responses={
        200: EVENTS,
        204: {"description": "The job has ended and the client has seen every event"},
        **problems(404, 422),
    },
)
async def listen(
    context: ContextOf, id: JobId, after: After = 0, last_event_id: LastEventId = None
) -> Response:
    """Progress and partial results as they come, until the job ends."""
    job = _find(context.session, id)
    if last_event_id and last_event_id.isdecimal():
        after = int(last_event_id)
    if is_over(job, after):
        return Response(status_code=204)  # tells a browser not to come back
    return EventStream(context.streams, job, after)


def _find(session: Session, id: str) -> Job:
    job = session.queue.get(id)
    if job is None:
        raise NotFound(f"There is no job {id!r}. It may be long over: ask for the results again.")
    return job
