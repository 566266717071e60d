"""Outputs with one score for each of several named classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from attriboard.engine.errors import InvalidInput
from attriboard.outputs.base import Output, Predictions
from attriboard.outputs.labels import Answer, Label, class_index, class_set

Scores: TypeAlias = Literal["logits", "probabilities", "log_probabilities"]

SCORES = ("logits", "probabilities", "log_probabilities")


class _Named(Output):
    """An output with one score for each of several named classes."""

    def __init__(self, names: Sequence[str], scores: Scores) -> None:
        if isinstance(names, str) or not names or not all(isinstance(n, str) for n in names):
            raise InvalidInput(
                "`names` must be a list with one text per class, in the order of the model's "
                'outputs, such as ["no", "yes"].',
                "output",
            )
        if len(set(names)) < len(names):
            twice = next(name for name in names if list(names).count(name) > 1)
            raise InvalidInput(f"The class name {twice!r} appears twice in `names`.", "output")
        if scores not in SCORES:
            raise InvalidInput(
                f"`scores` says what the model returns: one of {', '.join(SCORES)}; "
                f"not {scores!r}.",
                "output",
            )
        self.names = list(names)
        self.scores: Scores = scores

    def config(self) -> Mapping[str, Any]:
        return {**super().config(), "scores": self.scores}

    def _check_width(self, raw: Tensor) -> None:
        if raw.dim() == 2 and raw.shape[1] == len(self.names):
            return
        width = f"{raw.shape[1]} numbers" if raw.dim() == 2 else f"shape {tuple(raw.shape[1:])}"
        if raw.dim() == 1 or (raw.dim() == 2 and raw.shape[1] == 1):
            raise InvalidInput(
                f"The model returns one number per example, but output= names {len(self.names)} "
                'classes. For a single sigmoid use MultiLabel(["name"]) and return shape (N, 1); '
                'for a number use Regression("name").',
                "output",
            )
        raise InvalidInput(
            f"The model returns {width} per example, but output= names {len(self.names)} classes. "
            "Give one name per number the model returns, in its order.",
            "output",
        )

    def _check_range(self, raw: Tensor) -> None:
        values = raw[raw.isfinite()]
        low, high = (values.min().item(), values.max().item()) if values.numel() else (0.0, 0.0)
        if self.scores == "probabilities" and (low < -1e-4 or high > 1 + 1e-4):
            raise InvalidInput(
                f'scores="probabilities", but the model returned values from {low:.4g} to '
                f'{high:.4g}. Use scores="logits".',
                "output",
            )
        if self.scores == "log_probabilities" and high > 1e-4:
            raise InvalidInput(
                f'scores="log_probabilities", but the model returned {high:.4g}, which is above '
                'zero. Use scores="logits".',
                "output",
            )


class Classes(_Named):
    """One of several classes; the model returns a score for each, shape (N, K)."""

    kind = "classes"

    def __init__(self, names: Sequence[str], scores: Scores = "logits") -> None:
        super().__init__(names, scores)

    def label(self, value: Any) -> Label | None:
        return class_index(value, self.names)

    def check(self, raw: Tensor) -> str | None:
        self._check_width(raw)
        self._check_range(raw)
        sums = raw.double().sum(-1)
        ones = bool(torch.allclose(sums, torch.ones_like(sums), atol=1e-4))
        if self.scores == "probabilities" and not ones and bool(sums.isfinite().all()):
            raise InvalidInput(
                f'scores="probabilities", but the scores of one example add up to '
                f'{sums[(sums - 1).abs().argmax()].item():.4g}, not 1. Use scores="logits", or '
                "MultiLabel where classes do not exclude each other.",
                "output",
            )
        if self.scores == "logits" and ones and len(raw) > 1 and bool((raw >= 0).all()):
            return (
                "The model's outputs are between 0 and 1 and add up to 1, so they look like "
                'probabilities, but scores="logits". Use scores="probabilities", or the '
                "confidences shown pass through softmax twice."
            )
        return None

    def probabilities(self, scores: Tensor) -> Tensor:
        if self.scores == "logits":
            return scores.softmax(-1)
        return scores.exp() if self.scores == "log_probabilities" else scores

    def predictions(self, raw: Tensor) -> Predictions:
        probabilities = self.probabilities(raw.detach().double())
        best = probabilities.topk(min(2, probabilities.shape[1]), dim=1)
        margin = best.values[:, 0] - best.values[:, 1:].sum(1)
        predicted: list[int] = best.indices[:, 0].tolist()
        return Predictions(predicted, best.values[:, 0], margin, probabilities, self)

    def loss(self, probabilities: Tensor, labels: Sequence[Label | None]) -> Tensor:
        """Cross-entropy: minus the logarithm of the label's probability."""
        known = torch.tensor([label is not None for label in labels], dtype=torch.bool)
        index = torch.tensor([0 if label is None else label for label in labels]).long()
        picked = probabilities.cpu().gather(1, index[:, None])[:, 0]
        tiny = torch.finfo(picked.dtype).tiny
        return torch.where(known, -picked.clamp_min(tiny).log(), math.nan)

    def correct(self, predicted: Answer, label: Label) -> bool | None:
        return predicted == label


class MultiLabel(_Named):
    """Any number of labels at once; the model returns a score for each, shape (N, K).

    A label is predicted where its probability is at least a half. The score of a row is the
    confidence in its least certain label, the margin how far that lies from a toss-up.
    """

    kind = "multilabel"

    def __init__(self, names: Sequence[str], scores: Scores = "logits") -> None:
        super().__init__(names, scores)

    def label(self, value: Any) -> Label | None:
        return class_set(value, self.names)

    def check(self, raw: Tensor) -> str | None:
        self._check_width(raw)
        self._check_range(raw)
        return None

    def probabilities(self, scores: Tensor) -> Tensor:
        if self.scores == "logits":
            return scores.sigmoid()
        return scores.exp() if self.scores == "log_probabilities" else scores

    def predictions(self, raw: Tensor) -> Predictions:
        probabilities = self.probabilities(raw.detach().double())
        predicted = [
            tuple(index for index, value in enumerate(row) if value >= 0.5)
            for row in probabilities.tolist()
        ]
        score = torch.maximum(probabilities, 1 - probabilities).amin(1)
        return Predictions(predicted, score, 2 * score - 1, probabilities, self)

    def loss(self, probabilities: Tensor, labels: Sequence[Label | None]) -> Tensor:
        """Binary cross-entropy, the mean over the labels."""
        truth = torch.zeros_like(probabilities)
        for row, label in enumerate(labels):
            if isinstance(label, tuple):
                truth[row, list(label)] = 1.0
        known = torch.tensor([label is not None for label in labels], dtype=torch.bool)
        safe = probabilities.clamp(0, 1)
        losses = functional.binary_cross_entropy(safe, truth, reduction="none").mean(1).cpu()
        return torch.where(known, losses, math.nan)

    def correct(self, predicted: Answer, label: Label) -> bool | None:
        return predicted == label
