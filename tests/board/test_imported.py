"""Predictions made elsewhere: taken as they are, or refused with a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from attriboard import engine
from attriboard.catalog import Query
from attriboard.engine.errors import InvalidInput, ModelError
from attriboard.jobs.session import Session
from tests.api.boards import SIZE, fusion, fusion_board


def outputs() -> torch.Tensor:
    board = fusion_board()
    rows = [board.tensors([board.example(i)]) for i in range(SIZE)]
    return torch.cat([engine.predict(board.models["model"], row) for row in rows])


def test_imported_predictions_stand_in_the_catalog_without_a_pass(tmp_path: Path) -> None:
    own = outputs()
    given = own.flip(1)
    board = fusion_board()
    board.import_predictions(given.numpy())
    session = Session(board, tmp_path)
    try:
        job = session.start()
        assert job is not None
        assert job.wait(30)
        items = session.catalog.page(Query(limit=SIZE)).items
        assert [item["predicted"] for item in items] == given.argmax(1).tolist()
        assert session.figures()["model_rows_total"] == 0
    finally:
        session.close()
    assert "not what the model says" in board.warnings[-1]


def test_the_models_own_predictions_raise_no_doubt() -> None:
    board = fusion_board()
    before, mark = board.warnings, board.model_fingerprint("model")
    board.import_predictions(outputs().tolist())
    assert board.warnings == before
    assert board.model_fingerprint("model") != mark


def _with(value: float) -> np.ndarray[Any, Any]:
    scores = np.zeros((SIZE, 3))
    scores[7, 1] = value
    return scores


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros((SIZE - 1, 3)), "30 examples and the predictions 29 rows"),
        (np.zeros((SIZE, 2)), "do not fit the output"),
        (np.zeros(SIZE, np.int64), "scores, not classes"),
        (_with(float("nan")), "example 7 holds NaN"),
        (["many"], "cannot be read as such"),
        (3.0, "a single number"),
    ],
)
def test_predictions_that_do_not_fit_are_refused(given: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as raised:
        fusion_board(fusion()).import_predictions(given)
    assert raised.value.field == "outputs"


def test_a_new_name_is_a_model_of_its_own(tmp_path: Path) -> None:
    given = outputs().flip(1)
    board = fusion_board()
    board.import_predictions(given, "elsewhere")
    assert board.warnings == fusion_board().warnings
    session = Session(board, tmp_path)
    try:
        job = session.start()
        assert job is not None
        assert job.wait(30)
        items = session.catalog.page(Query(limit=SIZE, model="elsewhere")).items
        assert [item["predicted"] for item in items] == given.argmax(1).tolist()
        disagree = session.catalog.page(Query(limit=SIZE, where="models_disagree")).total
        assert disagree == int((given.argmax(1) != outputs().argmax(1)).sum())
    finally:
        session.close()


def test_a_model_that_is_not_there_says_so_when_it_is_run() -> None:
    board = fusion_board()
    board.import_predictions(outputs(), "elsewhere")
    with pytest.raises(ModelError, match="holds the predictions of 'elsewhere'"):
        engine.predict(board.models["elsewhere"], board.tensors([board.example(0)]))


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="non-empty text"):
        fusion_board().import_predictions(outputs(), "")
