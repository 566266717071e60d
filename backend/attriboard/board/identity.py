"""What tells one board's data and models from another's."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from torch import nn

from attriboard.board import fingerprints
from attriboard.board.callables import of_callable
from attriboard.board.models import Model
from attriboard.engine.errors import AttriboardError
from attriboard.engine.model_tree import unwrapped

if TYPE_CHECKING:
    from attriboard.board.board import Board

SAMPLE = 64


class ModelFingerprint:
    """The fingerprint of one model, computed anew where a module's tensors have changed.

    A black box is read once: what it reaches is taken not to change while it is served.
    """

    def __init__(self, model: Model) -> None:
        self._model: Any = unwrapped(model)
        self._lock = threading.Lock()
        self._trace: Any = None
        self._fingerprint = ""
        self._began = float("-inf")

    def current(self) -> str:
        """The fingerprint of the model as it is now.

        Callers that waited for one another share a look at the model that began after they came.
        """
        came = time.perf_counter()
        with self._lock:
            if self._began > came:
                return self._fingerprint
            began = time.perf_counter()
            trace = fingerprints.trace(self._model)
            if not self._fingerprint or trace != self._trace:
                module = isinstance(self._model, nn.Module)
                read = fingerprints.of_module if module else of_callable
                self._fingerprint = read(self._model)
                self._trace = trace
            self._began = began
            return self._fingerprint


def data_fingerprint(board: Board) -> str:
    """A hash of the dataset's size, a seeded sample of its items, and how they are read.

    Where the board has a version, that stands for the items.
    """
    inputs = [[type(e).__name__, e.name, e.config()] for e in (*board.inputs, *board.extras)]
    reading = fingerprints.of_json([inputs, board.output.config(), len(board)])
    if board.version is not None:
        return fingerprints.of_text("version", board.version, reading)
    chosen = {0, len(board) - 1, *board.indices(SAMPLE)}
    return fingerprints.of_text("content", reading, *(_item(board, i) for i in sorted(chosen)))


def _item(board: Board, index: int) -> str:
    try:
        example = board.example(index)
        texts = [entry.search_text(example.raw[entry.name]) for entry in board.inputs]
        label, content = example.label, board.example_fingerprint(example)
    except AttriboardError as error:
        return f"{index} unreadable {error}"
    return fingerprints.of_json([index, content, label, texts, example.metadata])
