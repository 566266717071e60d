"""Passes in bfloat16: faster on processors made for it, and rounded to three digits.

Weights and rows stay as they are; torch's autocast chooses which operations take the short type.
The first few rows also run in the usual precision, and the result says how far apart the two are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

ROWS = 8
"""Rows that run both ways."""


def passes(device: torch.device) -> torch.autocast:
    """The context around a pass in bfloat16."""
    return torch.autocast(device.type, dtype=torch.bfloat16)


@dataclass
class Error:
    """How far scores in bfloat16 were from the usual ones."""

    rows: int = 0
    apart: float = 0.0
    _seen: list[Tensor] = field(default_factory=list)

    def left(self, rows: int) -> int:
        """How many of a block's first rows should run the usual way too."""
        return max(0, min(ROWS - self.rows, rows))

    def compare(self, short: Tensor, usual: Tensor) -> None:
        """Note the scores of the same rows, (R, T)."""
        expected = usual.double().cpu()
        self.rows += len(expected)
        self.apart = max(self.apart, float((short.double().cpu() - expected).abs().max()))
        self._seen.append(expected)

    def sentence(self) -> str:
        """What a reader of the result should know."""
        scores = torch.cat(self._seen)
        span = float((scores.amax(0) - scores.amin(0)).max())
        return (
            f"Passes ran in bfloat16: on the first {self.rows} rows scores were at most "
            f"{self.apart:.2g} from those in the usual precision, which range over {span:.2g}."
        )
