"""Work on a Ray cluster: actors that each hold the models, on this machine or on others."""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from attriboard.engine import Run
from attriboard.engine.errors import AttriboardError, InvalidInput
from attriboard.jobs.executors.base import T, Work, WorkerDied
from attriboard.jobs.executors.child import DONE, FAILED, PARTIAL, PROGRESS
from attriboard.jobs.executors.ray_worker import Worker

TRIES = 3  # a work whose actor is lost runs again elsewhere
LOOK_SECONDS = 0.5
START_SECONDS = 180.0
NESTED = 16  # calls at a time: a work, those it has given way to, and words to them
KNOCK_SECONDS = 5.0


class OnRay:
    """Actors that hold the models once each; one that is lost is replaced and its work done again.

    load: gives the models by name, and is called in each actor. address: of the cluster; None
    starts one on this machine. seats: actors; None is one for every `cpus` and `gpus` there are.
    gpus: what an actor takes, which may be a part of one.
    """

    def __init__(
        self,
        load: Callable[[], Mapping[str, Any]],
        *,
        address: str | None = None,
        seats: int | None = None,
        cpus: float = 1.0,
        gpus: float = 0.0,
    ) -> None:
        ray = _ray()
        self._ray = ray
        self._ours = not ray.is_initialized()
        if self._ours:
            connect(ray, address)
        self._actor = ray.remote(num_cpus=cpus, num_gpus=gpus, max_concurrency=NESTED)(Worker)
        self._load = load
        self.seats = seats or _room(ray, cpus, gpus)
        self._changed = threading.Condition()
        self._idle: list[Any] = []
        self._starting: dict[Any, Any] = {}  # what says that it is ready -> the actor
        self._busy = 0
        self._gone: set[Any] = set()
        self._closed = False

    def start(self) -> None:
        """See Executor."""
        with self._changed:
            while self._count() < self.seats and not self._closed:
                self._launch()

    def run(self, model: str, work: Work[T], run: Run) -> T:
        """See Executor."""
        for left in reversed(range(TRIES)):
            actor = self._take(run)
            try:
                value = self._follow(actor, model, work, run)
            except self._ray.exceptions.RayActorError as error:
                self._lost(actor)
                if not left:
                    raise WorkerDied(
                        f"{TRIES} workers were lost one after the other while they did this. Look "
                        "for native code in the model that fails on this example, or for a node "
                        "that runs out of memory."
                    ) from error
            except BaseException:
                self._lost(actor)  # what it does is not known
                raise
            else:
                self._give_back(actor)
                if isinstance(value, _Told):
                    raise value.error from None
                return cast(T, value)
        raise AssertionError("The last try returns or raises")

    @property
    def busy(self) -> int:
        """How many workers compute now."""
        return self._busy

    def close(self) -> None:
        """See Executor."""
        with self._changed:
            self._closed = True
            actors = [*self._idle, *self._starting.values()]
            self._idle, self._starting = [], {}
            self._changed.notify_all()
        for actor in actors:
            self._ray.kill(actor)
        if self._ours:
            self._ray.shutdown()

    def _follow(self, actor: Any, model: str, work: Work[T], run: Run) -> Any:
        """Hear the actor out. It waits with each message until the one before was taken."""
        options = actor.work.options(num_returns="streaming", _generator_backpressure_num_objects=1)
        told_to_stop, name = False, uuid.uuid4().hex
        for reference in options.remote(name, model, work, run.partial is not None, run.memory):
            kind, *rest = self._ray.get(reference)
            if kind == DONE:
                value, run.rows, run.planned, run.warnings = rest
                return value
            if kind == FAILED:
                return _Told(rest[0].error())
            if kind == PROGRESS and run.progress is not None:
                run.progress(*rest)
            elif kind == PARTIAL and run.partial is not None:
                run.partial(*rest)
            if not told_to_stop and run.cancel is not None and self._asked(run.cancel, actor):
                told_to_stop = True
                actor.stop.remote(name)
        raise WorkerDied("The worker ended its work without an answer.")

    def _asked(self, cancel: Callable[[], bool], actor: Any) -> bool:
        """Whether to stop. While more urgent work goes first, the actor is there for it."""
        with self._changed:
            self._busy -= 1
            self._idle.append(actor)
            self._changed.notify_all()
        try:
            return cancel()
        finally:
            with self._changed:
                while actor not in self._idle and not self._closed and actor not in self._gone:
                    self._changed.wait(LOOK_SECONDS)
                if actor in self._idle:
                    self._idle.remove(actor)
                self._busy += 1

    def _take(self, run: Run) -> Any:
        """An actor that is ready; waits for one, and makes up for those that were lost."""
        give_up = time.monotonic() + START_SECONDS
        while True:
            run.check()
            with self._changed:
                if self._closed:
                    raise AttriboardError("The server is shutting down and takes no more work.")
                self._welcome()
                if self._idle:
                    self._busy += 1
                    return self._idle.pop()
                if self._count() < self.seats:
                    self._launch()
                self._changed.wait(0.05 if self._starting else LOOK_SECONDS)
                none = not self._busy
            if none and time.monotonic() > give_up:
                raise WorkerDied(
                    f"No worker was ready within {START_SECONDS:g} seconds. See with `ray status` "
                    "whether the cluster has free CPUs and GPUs."
                )

    def _welcome(self) -> None:
        """Those that have loaded their models are idle; those that were lost are let go."""
        if not self._starting:
            return
        ready, _ = self._ray.wait(list(self._starting), num_returns=len(self._starting), timeout=0)
        for reference in ready:
            actor = self._starting.pop(reference)
            try:
                self._ray.get(reference)
            except self._ray.exceptions.RayActorError:
                continue
            self._idle.append(actor)

    def _launch(self) -> None:
        actor = self._actor.remote(self._load)
        self._starting[actor.ready.remote()] = actor

    def _count(self) -> int:
        return len(self._idle) + len(self._starting) + self._busy

    def _give_back(self, actor: Any) -> None:
        with self._changed:
            self._busy -= 1
            if not self._closed:
                self._idle.append(actor)
            self._changed.notify_all()

    def _lost(self, actor: Any) -> None:
        with self._changed:
            self._busy -= 1
            self._gone.add(actor)
            self._changed.notify_all()
        self._ray.kill(actor)


class _Told:
    """The work failed, in words; the actor is well."""

    def __init__(self, error: AttriboardError) -> None:
        self.error = error


def _ray() -> Any:
    # Nothing that AttriBoard starts tells anybody about its use.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ModuleNotFoundError as error:
        raise InvalidInput(
            "Ray is not installed. Install it with: pip install attriboard[ray]", "executor"
        ) from error
    return ray


def connect(ray: Any, address: str | None) -> None:
    """Join the cluster at `address`, or start one here for None. Raises InvalidInput."""
    try:
        if address is not None and address != "auto":
            _knock(address)
        # Without an address Ray would join a cluster of somebody else's that runs on this machine.
        ray.init(address=address or "local", log_to_driver=False)
    except (OSError, RuntimeError, ValueError) as error:
        raise InvalidInput(
            f"There is no Ray cluster at {address}: {error}. Start one with `ray start --head`, or "
            "leave --ray-address out to have one started here.",
            "ray_address",
        ) from error


def _knock(address: str) -> None:
    """Raise OSError where nobody answers: Ray itself would try for minutes."""
    parts = urlsplit(address if "://" in address else f"//{address}")
    if parts.hostname is None or parts.port is None:
        raise ValueError("it is not an address such as 10.0.0.1:6379 or ray://10.0.0.1:10001")
    socket.create_connection((parts.hostname, parts.port), KNOCK_SECONDS).close()


def _room(ray: Any, cpus: float, gpus: float) -> int:
    found = ray.cluster_resources()
    fits = [found.get("CPU", 0.0) / cpus] if cpus else []
    if gpus:
        fits.append(found.get("GPU", 0.0) / gpus)
    return max(1, int(min(fits, default=1)))
