"""GET /api/board as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attriboard import engine
from attriboard.api.views.outputs import output_view
from attriboard.engine.errors import AttriboardError
from attriboard.inputs import Input
from attriboard.inputs.base import Choice
from attriboard.jobs.session import Session
from attriboard.version import __version__


def board_view(session: Session) -> dict[str, Any]:
    """All of the board that does not change while it is served."""
    board = session.board
    return {
        "name": board.name,
        "about": board.about,
        "version": __version__,
        "size": len(board),
        "labelled": board.labelled,
        "models": [_model(session, name) for name in board.models],
        "inputs": [_input(input_) for input_ in board.inputs],
        "output": output_view(board),
        "methods": [_method(session, id) for id in engine.METHODS],
        "warnings": list(board.warnings),
    }


def catalog_view(session: Session) -> dict[str, Any]:
    """How far the table of examples is, now."""
    catalog, job = session.catalog, session.predict_job
    return {
        "predicted": {name: catalog.predicted(name) for name in session.board.models},
        "job": job.id if job is not None and not job.ended else None,
        "columns": [
            {"name": column.name, "type": column.type, "role": column.role}
            for column in catalog.columns()
        ],
    }


def _model(session: Session, name: str) -> dict[str, Any]:
    board = session.board
    black_box = board.is_black_box(name)
    seen = session.look(name)
    return {
        "name": name,
        "fingerprint": board.model_fingerprint(name),
        "parameters": None if black_box else board.parameter_count(name),
        "black_box": black_box,
        "layers": [
            {"name": layer.name, "type": layer.type, "shape": list(layer.shape)}
            for layer in seen or ()
        ],
        "looked_at": seen is not None,
    }


def _input(input_: Input) -> dict[str, Any]:
    return {
        "name": input_.name,
        "modality": input_.modality,
        "features": _choices(input_.feature_kinds()),
        "baselines": _choices(input_.baseline_kinds()),
        "default_baseline": input_.default_baseline,
        "baseline_reason": input_.baseline_reason,
        "thumbnail": type(input_).thumbnail is not Input.thumbnail,
    }


def _choices(choices: Iterable[Choice]) -> list[dict[str, str]]:
    return [{"id": c.id, "title": c.title, "help": c.help} for c in choices]


def _method(session: Session, id: str) -> dict[str, Any]:
    method = engine.METHODS[id]
    cost, unavailable = _cost(session, id)
    return {
        "id": id,
        "title": method.title,
        "family": method.family,
        "summary": method.summary,
        "params": engine.schema(method),
        "cost": cost,
        "sites": list(method.places),
        "complete": method.complete,
        "uses_baseline": method.uses_baseline,
        "uses_features": method.uses_features,
        "progressive": method.progressive,
        "needs_layer": "input" not in method.places,
        "at_inputs": method.at_inputs,
        "least_examples": method.least_examples,
        "unavailable": unavailable,
    }


def _cost(session: Session, id: str) -> tuple[int | None, str | None]:
    """What the method costs an example, or why it cannot run."""
    try:
        return session.cost(id), None
    except AttriboardError as error:
        return None, str(error)
