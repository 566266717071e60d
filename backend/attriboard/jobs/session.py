"""A board being looked at: its catalog, its jobs and what is stored of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

from torch import Tensor

from attriboard.board import Board
from attriboard.catalog import Catalog, Query
from attriboard.catalog.rows import OutputKind
from attriboard.engine.errors import Cancelled, InvalidInput, ModelError
from attriboard.engine.layers import LayerView, layers
from attriboard.engine.run import Run
from attriboard.jobs import export_plan, measure_plan, neighbours, overview_plan, survey_plan
from attriboard.jobs import plan as plans
from attriboard.jobs.admission import process_memory
from attriboard.jobs.attribute import Attribution
from attriboard.jobs.context import JobContext
from attriboard.jobs.edits import Edits
from attriboard.jobs.estimate import cost, estimate
from attriboard.jobs.executors import Executor, Local
from attriboard.jobs.export import Export
from attriboard.jobs.export_plan import ExportRequest
from attriboard.jobs.faithfulness import FAITHFULNESS
from attriboard.jobs.job import Job, Priority
from attriboard.jobs.keys import digest
from attriboard.jobs.limits import Limits
from attriboard.jobs.measure import Measurement
from attriboard.jobs.neighbours import Neighbour
from attriboard.jobs.opened import open_export
from attriboard.jobs.overview import Overview
from attriboard.jobs.overview_plan import OverviewRequest
from attriboard.jobs.own_catalog import OwnCatalog
from attriboard.jobs.plan import Plan
from attriboard.jobs.predict import Prediction, Report
from attriboard.jobs.queue import Queue
from attriboard.jobs.recent import Recent
from attriboard.jobs.request import AttributionRequest
from attriboard.jobs.shards import Folder
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.store import Store
from attriboard.jobs.survey import Survey
from attriboard.jobs.sweeps import Sweeps
from attriboard.jobs.task import Task
from attriboard.jobs.teams import disband
from attriboard.version import __version__

Stored = Callable[[Shelf, Task], dict[str, Any] | None]

CLOSE_SECONDS = 5.0
NO_LIMITS = Limits()
READ_AT_ONCE = 32  # examples read while a request waits
FEATURES_KEPT = 4  # models whose features stay open
LOOK_SECONDS = 1.0  # how long a request waits for a look at a model's layers


class Session:
    """Everything a server needs of one board. All methods may be called from any thread.

    path: the folder that keeps the catalog and the results; None keeps them while the session
    lives. executor: where the models run; None is here. Raises InvalidInput where another server
    has the folder.
    """

    def __init__(
        self,
        board: Board,
        path: Path | None = None,
        *,
        executor: Executor | None = None,
        limits: Limits = NO_LIMITS,
    ) -> None:
        self.board = board
        # The catalog comes first: it refuses a folder that another server has, and the store
        # would sweep away what that one is writing.
        fingerprints = {name: board.model_fingerprint(name) for name in board.models}
        self.catalog = _open_catalog(board, path, fingerprints)
        self.catalog.views.offer(board.views)
        try:
            self.store = Store(path, limit=limits.store_bytes)
        except BaseException:
            self.catalog.close()
            raise
        self.edits = Edits(board, self.store.path / "edits")
        board.attach(self.edits)
        self._executor = executor or Local(board.models)
        self.queue = Queue(self._executor.seats, admission=limits.admission, limit=limits.seconds)
        self.predict_job: Job | None = None
        self._shelf = Shelf.of(board, self.catalog, self.store, self._executor, limits.memory)
        self.sweeps = Sweeps(self._shelf, self.catalog, self.queue)
        self._layers: dict[str, list[LayerView]] = {}
        self._features: Recent[str, neighbours.Features] = Recent(FEATURES_KEPT)
        self._shelf.own.catalogued = fingerprints
        self.catalog.marks.admit(self.edits.has)
        marks = self.catalog.marks
        self.own_catalog = OwnCatalog(board, self.edits, marks, _texts(board), self.predict)
        disband()  # this thread may have tried the model, and leaves what comes to the queue

    def start(self, report: Report | None = None) -> Job | None:
        """Fill the catalog with what it lacks, in the background; None where it lacks nothing.

        `report` hears of the progress, from the worker's thread.
        """
        self._executor.start()
        fingerprints = {name: self.board.model_fingerprint(name) for name in self.board.models}
        self._shelf.own.catalogued = fingerprints
        missing = any(self.catalog.missing(name, mark) for name, mark in fingerprints.items())
        if missing or self.catalog.missing_examples():
            shelf = self._shelf
            work = Prediction(
                self.board, self.catalog, shelf.tally, self._executor, report, memory=shelf.memory
            )
            key = digest(["predict", fingerprints])
            self.predict_job = self.queue.submit("predict", key, work, Priority.BACKGROUND)
        else:
            self.catalog.prepare_search()
        return self.predict_job

    def follow_models(self) -> dict[str, str]:
        """The models' fingerprints now. One whose weights changed is predicted with anew."""
        now = {name: self.board.model_fingerprint(name) for name in self.board.models}
        if now != self._shelf.own.catalogued:
            self.start()
        return now

    def attributions(self, request: AttributionRequest) -> list[dict[str, Any]] | Job:
        """The metas of all results where they are stored, else the job that computes them.

        Raises InvalidInput, whose field names the part of the request that is wrong.
        """
        plan = plans.resolve(self.board, request)
        plans.check_count(plan)
        stored = self._all_stored(plan, lambda shelf, found: shelf.stored(plan, found))
        if stored is not None:
            return stored
        key = digest(["attribute", plan.identity])
        return self.queue.submit("attribute", key, Attribution(self._shelf, plan))

    def measurements(
        self, request: AttributionRequest, metrics: Sequence[str] = FAITHFULNESS
    ) -> list[dict[str, Any]] | Job:
        """How far the attributions can be trusted: the metas where stored, else the job.

        Raises InvalidInput, whose field names the part of the request that is wrong.
        """
        question = measure_plan.resolve(self.board, request, metrics)
        stored = self._all_stored(question.plan, question.stored)
        if stored is not None:
            return stored
        key = digest(["measure", question.identity])
        return self.queue.submit("measure", key, Measurement(self._shelf, question))

    def survey(
        self, columns: Sequence[AttributionRequest], checked: int
    ) -> list[dict[str, Any]] | Job:
        """Several methods measured over the same examples: the table where stored, else the job.

        `checked`: over how many of the examples the randomisation check goes. Raises InvalidInput
        where nothing can be measured.
        """
        plan = survey_plan.resolve(self._shelf, columns, checked)
        stored = self.store.meta(plan.key(self._shelf))
        if stored is not None:
            return [stored]
        work = Survey(self._shelf, plan)
        return self.queue.submit("survey", plan.key(self._shelf), work, Priority.BACKGROUND)

    def survey_estimate(
        self, columns: Sequence[AttributionRequest], checked: int
    ) -> dict[str, Any]:
        """{passes, columns: passes of each that is left, stored, job}. InvalidInput as above."""
        plan = survey_plan.resolve(self._shelf, columns, checked)
        key = plan.key(self._shelf)
        left = [
            0 if self.store.has(each.key(self._shelf)) else survey_plan.cost(self._shelf, each)
            for each in plan.columns
        ]
        live = self.queue.live(key)
        return {
            "passes": sum(each or 0 for each in left),
            "columns": left,
            "stored": self.store.has(key),
            "job": None if live is None else live.id,
        }

    def overview(self, query: Query, request: OverviewRequest) -> list[dict[str, Any]] | Job:
        """The attributions of all matches summed up: where stored, else the job that does it.

        Raises InvalidInput, whose field names what is wrong.
        """
        plan = overview_plan.resolve(self.board, request, self.catalog.indices(query))
        stored = self.store.meta(plan.key)
        if stored is not None:
            return [stored]
        work = Overview(self._shelf, plan)
        work.rows_each()  # refuses a method that cannot manage as many features
        return self.queue.submit("overview", plan.key, work, Priority.BACKGROUND)

    def overview_estimate(self, query: Query, request: OverviewRequest) -> dict[str, Any]:
        """{examples, passes, stored, job}: what is left to do. InvalidInput as above.

        That no example matches is no error here: the answer says so.
        """
        indices = self.catalog.indices(query)
        if not indices:
            return {"examples": 0, "passes": 0, "stored": False, "job": None}
        plan = overview_plan.resolve(self.board, request, indices)
        live = self.queue.live(plan.key)
        stored = self.store.has(plan.key)
        parts = (s for s in plan.shards() if not self.store.has(plan.part_key(s)))
        left = 0 if stored else sum(map(len, parts))
        rows = Overview(self._shelf, plan).rows_each() * len(plan.setups)
        return {
            "examples": len(plan.indices),
            "passes": left * rows,
            "stored": stored,
            "job": None if live is None else live.id,
        }

    def export(self, query: Query, request: ExportRequest, out: Path, budget: int) -> Job:
        """The job that writes the attributions of all matches as files below `out`.

        It does what an earlier one left undone. Raises InvalidInput, whose field names what is
        wrong; ExportError where `out` holds anything else, or would grow beyond `budget` bytes.
        """
        indices = self.catalog.indices(query)
        plan = export_plan.resolve(self.board, request, indices)
        work = Export(self._shelf, self.catalog, plan, Folder(out), budget)
        work.check()
        key = digest(["export", str(out.resolve())])
        return self.queue.submit("export", key, work, Priority.BACKGROUND)

    def open_export(self, path: Path) -> list[str]:
        """The names of the catalog's columns that now hold what an export below `path` found.

        Raises InvalidInput where it is of other data or weights, ExportError where there is none.
        """
        return open_export(self.board, self.catalog, path)

    def estimate(self, request: AttributionRequest) -> dict[str, int]:
        """{passes, examples, stored}: what the request would cost. InvalidInput as above."""
        plan = plans.resolve(self.board, request)
        plans.check_count(plan)
        return estimate(self._shelf, plan)

    def cost(self, method_id: str) -> int:
        """Rows that a method takes for the first example, with default parameters.

        Raises InvalidInput where the method cannot run on the board's first model.
        """
        request = AttributionRequest(examples=(0,), method_id=method_id)
        return cost(self._shelf, plans.resolve(self.board, request))

    def predict(self, model: str, index: int) -> Tensor:
        """The model's raw output for one example, (1, ...). Goes before all other work.

        Raises InvalidInput where the example cannot be read, ModelError where the model fails.
        """
        own, mark = self._shelf.own, self.board.model_fingerprint(model)
        known = own.output(mark, index)
        if known is not None:
            return known

        def work(context: JobContext) -> None:
            own.compute(model, mark, [index], context.cancel)

        self._at_once("predict", digest(["predict", mark, index]), work)
        found = own.output(mark, index)
        if found is None:
            raise Cancelled("The prediction was cancelled.")
        return found

    def layers(self, model: str) -> list[LayerView]:
        """A model's layers in the order they run for the first example, with their shapes.

        Empty where they cannot be watched, where the model fails on that example, and as long as
        the model is too busy to be looked at.
        """
        return self.look(model) or []

    def look(self, model: str) -> list[LayerView] | None:
        """`layers`, or None as long as the model is too busy to be looked at.

        Nothing waits for it longer than LOOK_SECONDS.
        """
        mark = self.board.model_fingerprint(model)
        if mark not in self._layers:
            look = threading.Thread(target=self._look, args=(model, mark), daemon=True)
            look.start()
            look.join(LOOK_SECONDS)
        return self._layers.get(mark)

    def _look(self, model: str, mark: str) -> None:
        """Learn the layers of a model in one pass over the first example."""

        def work(context: JobContext) -> None:
            first = self._shelf.examples.get(0)
            run = Run(cancel=context.cancel, memory=self._shelf.memory)
            look = partial(layers, inputs=first.tensors, extra_args=first.extra)
            self._layers[mark] = self._executor.run(model, look, run)

        try:
            self._at_once("layers", digest(["layers", mark]), work)
        except (InvalidInput, ModelError):
            self._layers[mark] = []
        except Cancelled:
            return  # the next request looks again

    def neighbours(self, model: str, index: int, count: int) -> list[Neighbour] | Job:
        """The examples most alike to one in the model's last layer, or the job that finds out.

        Raises InvalidInput where the model's layers cannot be watched.
        """
        mark = self.board.model_fingerprint(model)
        key = digest(["features", self.board.data_fingerprint, mark, __version__])
        path = self.store.path / "features" / f"{key}.npy"
        rows = self._features.get(key)
        if rows is None:
            rows = neighbours.read(path)
            if rows is None:
                layer = neighbours.deciding_layer(self.layers(model), model)
                work = neighbours.FeatureWork(self.board, model, layer, path)
                return self.queue.submit("features", key, work, Priority.BACKGROUND)
            self._features.put(key, rows)
        return neighbours.nearest(rows, index, count)

    def result(self, key: str) -> bytes | None:
        """A stored result as safetensors; None where there is none."""
        return self.store.body(key)

    def snapshot(self, key: str) -> bytes | None:
        """An unfinished result as safetensors, while its job runs; None where there is none."""
        return self._shelf.snapshots.body(key)

    def figures(self) -> dict[str, float]:
        """Counts for a monitor; names that end in _total only grow."""
        tally = self._shelf.tally
        return {
            "queue_depth": len(self.queue.jobs()),
            "memory_bytes": process_memory(),
            "model_rows_total": tally.rows,
            "cache_hits_total": tally.hits,
            "cache_misses_total": tally.misses,
        }

    def close(self, timeout: float = CLOSE_SECONDS) -> None:
        """Cancel all jobs, wait at most `timeout` seconds for their threads, close the files."""
        self.queue.close(timeout)
        self.own_catalog.close()
        self.board.attach(None)
        self._executor.close()
        self.catalog.close()
        self.store.close()

    def _at_once(self, kind: str, key: str, work: Callable[[JobContext], None]) -> None:
        """Do a moment's work before all other, and wait for it. Raises what it raised."""
        job = self.queue.submit(kind, key, work, Priority.IMMEDIATE)
        job.wait()
        if job.failure is not None:
            raise job.failure.error()

    def _all_stored(self, plan: Plan, stored: Stored) -> list[dict[str, Any]] | None:
        """None too where many examples would have to be read to find out: a job does that."""
        if self._shelf.examples.unread(plan.examples) > READ_AT_ONCE:
            return None
        metas = []
        for found in self._shelf.tasks(plan, plan.examples):
            meta = None if found is None else stored(self._shelf, found)
            if meta is None:
                return None
            metas.append(meta)
        self._shelf.tally.add(hits=len(metas))
        return metas


def _open_catalog(board: Board, path: Path | None, fingerprints: dict[str, str]) -> Catalog:
    return Catalog.open(
        None if path is None else path / "catalog.duckdb",
        data_fingerprint=board.data_fingerprint,
        size=len(board),
        output_kind=cast(OutputKind, board.output.kind),
        output_names=board.output.names,
        texts=_texts(board),
        models=fingerprints,
    )


def _texts(board: Board) -> list[str]:
    """The inputs that have texts to search."""
    first = board.example(0)
    return [e.name for e in board.inputs if e.search_text(first.raw[e.name]) is not None]
