"""An export against the bare model's passes, in turn."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import Any

import torch

from attriboard.board import Board
from attriboard.catalog import Query
from attriboard.jobs.export_plan import ExportRequest
from attriboard.jobs.session import Session
from benchmarks.sweep_boards import QUESTIONS, vqa

SIZES = (1, 2, 4, 8, 16, 32, 64)
ROUNDS = 3
TRIAL = 64  # rows


def floor(questions: int, steps: int, folder: Path) -> dict[str, Any]:
    """Seconds of the export and of its rows as bare passes; the ratio is the median over rounds."""
    torch.set_num_threads(1)
    os.environ[QUESTIONS] = str(questions)
    board = vqa()
    session = Session(board, folder)
    predicting = session.start()
    if predicting is not None:
        predicting.wait()
    passes = _Passes(board)
    request = ExportRequest(
        methods=[("IntegratedGradients", {"n_steps": steps})], contributions=False
    )
    rows, ratios, ours, bare = 0, [], [], []
    for turn in range(ROUNDS + 1):
        before = session.figures()["model_rows_total"]
        began = time.perf_counter()
        job = session.export(Query(), request, folder / f"out-{turn}", 10**11)
        job.wait()
        seconds = time.perf_counter() - began
        if job.failure is not None:
            raise job.failure.error()
        rows = int(session.figures()["model_rows_total"] - before)
        if not turn:
            continue  # the first one learns the size of blocks
        began = time.perf_counter()
        passes.run(rows)
        bare.append(time.perf_counter() - began)
        ours.append(seconds)
        ratios.append(bare[-1] / seconds)
    session.close()
    return {
        "questions": questions,
        "rows": rows,
        "examples_a_second": questions / min(ours),
        "share_of_floor": statistics.median(ratios),
        "bare_block": passes.block,
    }


class _Passes:
    """Bare passes forth and back to the picture, in the block that a trial found the fastest."""

    def __init__(self, board: Board) -> None:
        self._model = board.models["model"]
        for parameter in self._model.parameters():
            parameter.requires_grad_(False)
        self._photo, self._question = board.tensors([board.example(0)])
        self.block = min(SIZES, key=self._pace)

    def run(self, rows: int) -> None:
        for _ in range(rows // self.block):
            self._pass(self.block)

    def _pass(self, size: int) -> None:
        photo = self._photo.expand(size, -1, -1, -1).clone().requires_grad_()
        words = self._model.embedding(self._question.expand(size, -1)).requires_grad_()
        seen = self._model.see(photo)
        _, state = self._model.gru(words)
        scores = self._model.head(torch.cat([seen * state[0], seen, state[0]], 1))
        torch.autograd.grad(scores[:, 0].sum(), (photo, words))

    def _pace(self, size: int) -> float:
        self._pass(size)
        began = time.perf_counter()
        for _ in range(max(1, TRIAL // size)):
            self._pass(size)
        return (time.perf_counter() - began) / size / max(1, TRIAL // size)
