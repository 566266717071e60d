"""A batch of attributions with all that its metrics ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from attriboard import engine
from attriboard.board import Board
from attriboard.jobs.examples import Loaded
from attriboard.jobs.faithfulness import Subject
from attriboard.jobs.grouping import extra, stacked
from attriboard.jobs.measure_plan import Question, removed_features
from attriboard.jobs.task import Prepared, feature_tensors


def subject_of(
    board: Board,
    question: Question,
    batch: Sequence[Prepared],
    attributions: tuple[Tensor, ...],
    target: Any,
) -> Subject:
    """What is measured of `attributions`, (N, ...) per input, of the target as the engine takes it.

    All of the batch have equal `feature_counts`.
    """
    removed = [removed_features(board, entry.loaded) for entry in batch]
    return Subject(
        inputs=stacked(entry.loaded.tensors for entry in batch),
        extra=extra(entry.loaded for entry in batch),
        attributions=attributions,
        baselines=stacked(
            board.baseline(question.baseline, entry.loaded.example, question.plan.seed)
            for entry in batch
        ),
        method=batch[0].method,
        target=target,
        curve_target=engine.Probability(target) if has_probability(board) else target,
        features=engine.distinct(tuple(torch.stack(ids) for ids in zip(*removed, strict=True))),
        own_features=feature_tensors(list(batch)),
        seed=question.plan.seed,
    )


def feature_counts(board: Board, loaded: Loaded) -> tuple[int, ...]:
    """How many features the metrics take away of each input: equal where a batch is shared."""
    return tuple(int(ids.max()) + 1 for ids in removed_features(board, loaded))


def has_probability(board: Board) -> bool:
    """Whether the output is classes with logits, of which a softmax makes probabilities."""
    output = board.output
    return output.kind == "classes" and getattr(output, "scores", None) == "logits"
