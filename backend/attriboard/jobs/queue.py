"""The one queue of a server: worker threads, priorities, joined requests, cancel."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from attriboard.engine.errors import AttriboardError, Cancelled
from attriboard.jobs.admission import Admission
from attriboard.jobs.context import JobContext
from attriboard.jobs.failure import describe
from attriboard.jobs.job import Job, Priority
from attriboard.jobs.line import ASKER, Line
from attriboard.jobs.teams import disband
from attriboard.jobs.turn import Place, Turn

Work = Callable[[JobContext], None]

INTERACTIVE = 3
MOST_RESULTS = 20_000  # of ended jobs, kept in memory

_log = logging.getLogger("attriboard.jobs")


class ClosedError(AttriboardError):
    """The queue takes no more work because the server is shutting down."""


class Queue:
    """Runs jobs on threads of their own, of which `seats` compute at a time (one a device).

    A job leaves its seat between two blocks when more urgent work waits, or an equal job has
    waited for a slice of time: background work gives way, and a short request is not held up by
    a long one. At most INTERACTIVE interactive jobs run at once; of the others one each.

    The last `keep` ended jobs can still be looked up, fewer where they have many results. An
    interactive job that everyone left is cancelled after `grace` seconds, and one that has
    computed for `limit` seconds fails. Clients take turns, see `Line`; `admission` says how much
    may wait.
    """

    def __init__(
        self,
        seats: int = 1,
        *,
        keep: int = 256,
        grace: float = 5.0,
        admission: Admission | None = None,
        limit: float | None = None,
    ) -> None:
        self._admission = admission or Admission()
        self._limit = limit
        self._keep = keep
        self._grace = grace
        self._turn = Turn(seats, ranks=len(Priority))
        self._changed = threading.Condition()
        self._pending: dict[Priority, Line[tuple[Job, Work]]] = {p: Line() for p in Priority}
        self._idle: dict[Priority, list[int]] = {p: [] for p in Priority}
        self._live: dict[str, Job] = {}  # by key
        self._jobs: OrderedDict[str, Job] = OrderedDict()  # by id, the oldest first
        self._closed = False
        self._threads = [
            self._thread(priority, number)
            for priority in Priority
            for number in range(INTERACTIVE * seats if priority is Priority.INTERACTIVE else 1)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self, kind: str, key: str, work: Work, priority: Priority = Priority.INTERACTIVE
    ) -> Job:
        """Queue `work`, or join the live job with the same key.

        Raises ClosedError after `close`, and BusyError where too much waits already.
        """
        client = ASKER.get()
        disband()  # who asks has prepared what it asks for, and now others compute
        with self._changed:
            if self._closed:
                raise ClosedError("The server is shutting down and takes no more work.")
            joined = self._live.get(key)
            if joined is not None and not joined.ended and not joined.cancel_requested:
                joined.touch()
                return joined
            if priority is not Priority.IMMEDIATE:
                self._admit(client)
            job = Job(kind, key, priority, self._on_cancel, self._grace)
            self._live[key] = self._jobs[job.id] = job
            self._forget_old()
            self._pending[priority].push(client, (job, work))
            self._changed.notify_all()
            return job

    def get(self, job_id: str) -> Job | None:
        with self._changed:
            return self._jobs.get(job_id)

    def live(self, key: str) -> Job | None:
        """The job with this key that has not ended, or None."""
        with self._changed:
            job = self._live.get(key)
            return None if job is None or job.ended or job.cancel_requested else job

    def jobs(self) -> list[Job]:
        """The jobs that have not ended, oldest first."""
        with self._changed:
            return [job for job in self._jobs.values() if not job.ended]

    def at_rest(self) -> bool:
        """Whether every thread waits for work."""
        with self._changed:
            return sum(map(len, self._idle.values())) == len(self._threads)

    def cancel(self, job_id: str) -> Job | None:
        """Ask a job to stop; None when there is no such job."""
        job = self.get(job_id)
        if job is not None:
            job.cancel()
        return job

    def close(self, timeout: float = 5.0) -> bool:
        """Cancel everything and join the threads. False when one still runs after `timeout`.

        A thread can outlive the timeout only inside one block of the user's model; it is a
        daemon and does not hold up the end of the process.
        """
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for job in self.jobs():
            job.cancel()
        end = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _thread(self, priority: Priority, number: int) -> threading.Thread:
        name = f"attriboard-{priority.name.lower()}-{number}"
        return threading.Thread(target=self._serve, args=(priority,), name=name, daemon=True)

    def _serve(self, priority: Priority) -> None:
        while (found := self._next(priority)) is not None:
            job, work = found
            place = Place(self._turn, priority, _cancelled(job))
            try:
                _run(job, work, place, self._limit)
            finally:
                place.leave()
                self._retire(job)

    def _next(self, priority: Priority) -> tuple[Job, Work] | None:
        """The thread that idled last goes first: it knows the model and its memory is warm."""
        pending, idle, me = self._pending[priority], self._idle[priority], threading.get_ident()
        with self._changed:
            idle.append(me)
            self._changed.wait_for(lambda: self._closed or bool(pending and idle[-1] == me))
            idle.remove(me)
            self._changed.notify_all()
            return pending.pop() if pending else None

    def _admit(self, client: str) -> None:
        waiting = sum(map(len, self._pending.values()))
        of_client = sum(line.count(client) for line in self._pending.values()) if client else 0
        self._admission.check(waiting, of_client)

    def _on_cancel(self, job: Job) -> None:
        if job.stop_if_queued():
            with self._changed:
                self._pending[job.priority].remove(lambda entry: entry[0] is job)
            self._retire(job)
        self._turn.wake()

    def _retire(self, job: Job) -> None:
        with self._changed:
            if self._live.get(job.key) is job:
                del self._live[job.key]

    def _forget_old(self) -> None:
        results = jobs = 0
        for job_id, job in reversed(list(self._jobs.items())):
            if job.ended:
                jobs += 1
                results += len(job.results)
                if jobs > self._keep or (results > MOST_RESULTS and jobs > 1):
                    del self._jobs[job_id]


def _run(job: Job, work: Work, place: Place, limit: float | None) -> None:
    """Run one job to its end; whatever user code raises ends in the job's state."""
    if not place.take() or not job.begin():
        job.stop()
        return
    try:
        work(JobContext(job, place, None if job.priority is Priority.BACKGROUND else limit))
    except Cancelled:
        job.stop()
    except BaseException as error:
        _log.exception("Job %s (%s) failed", job.id, job.kind)
        job.fail(describe(error))
    else:
        job.finish()


def _cancelled(job: Job) -> Callable[[], bool]:
    return lambda: job.cancel_requested
