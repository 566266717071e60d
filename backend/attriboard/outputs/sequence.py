"""The log-probability that a decoder gives to a sequence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.outputs.regression import Regression


class SequenceScore(Regression):
    """How likely a given sequence is to a decoder that returns (N, L, V): one number, in nats.

    given: the name of the `ab.Extra` (or of an input) that holds the sequence's ids (N, L), with
    negative ones, such as -100, where tokens do not count (a prompt, padding). shift: the scores
    at a position are of the token after it, as in decoders that read what they continue; False
    where they are of the token at it, as in decoders fed with shifted ids. mean: the mean over the
    tokens that count, so that long sequences compare with short ones, instead of the sum.

    Methods replace tokens of inputs, never of an Extra: the sequence asked about stays the same.
    """

    reads = True

    def __init__(
        self,
        given: str,
        name: str = "log-probability",
        *,
        shift: bool = True,
        mean: bool = False,
    ) -> None:
        super().__init__(name, "nats a token" if mean else "nats")
        self.given = given
        self.shift = shift
        self.mean = mean

    def config(self) -> Mapping[str, Any]:
        own = {"given": self.given, "shift": self.shift, "mean": self.mean}
        return {**super().config(), **own}

    def read(self, returned: Any, arguments: Mapping[str, Tensor]) -> Tensor:
        scores = self._scores(returned)
        if self.given not in arguments:
            raise InvalidInput(
                f"SequenceScore is given={self.given!r}, which is none of the inputs: "
                f"{', '.join(arguments)}. Hand the sequence's ids over as an "
                f'ab.Extra("{self.given}").',
                "output",
            )
        ids = arguments[self.given].long()
        if self.shift:
            scores, ids = scores[:, :-1], ids[:, 1:]
        if ids.shape != scores.shape[:2]:
            raise InvalidInput(
                f"The sequence has {arguments[self.given].shape[1]} ids, and the model scores "
                f"{scores.shape[1] + int(self.shift)} positions: give one id a position, -100 "
                "where it does not count.",
                "output",
            )
        counts = ids >= 0
        each = scores.log_softmax(-1).gather(-1, ids.clamp_min(0)[..., None])[..., 0]
        total = torch.where(counts, each, torch.zeros_like(each)).sum(1, keepdim=True)
        return total / counts.sum(1, keepdim=True).clamp_min(1) if self.mean else total

    def _scores(self, returned: Any) -> Tensor:
        returned = getattr(returned, "logits", returned)
        if isinstance(returned, tuple | list) and returned:
            returned = returned[0]
        found = torch.as_tensor(returned)
        if found.ndim == 3:
            return found
        raise InvalidInput(
            f"The model returns shape {tuple(found.shape)}; SequenceScore needs (N, L, V): the "
            "logits of every token at each position.",
            "output",
        )
