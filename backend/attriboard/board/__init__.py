"""Board: what the user hands over, in one place: models, dataset, inputs and output."""

from __future__ import annotations

from attriboard.board.board import Board
from attriboard.board.source import Example

__all__ = ["Board", "Example"]
