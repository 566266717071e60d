"""Captum Insights' AttributionVisualizer: the same arguments, AttriBoard's dashboard."""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from attriboard.api.launch import View
from attriboard.board import Board
from attriboard.captum.insights.features import BaseFeature
from attriboard.captum.insights.inputs import Extra, input_of
from attriboard.captum.insights.models import Called, ScoredClasses, TwoClasses
from attriboard.captum.insights.rows import Batch, Rows, read
from attriboard.engine.errors import InvalidInput
from attriboard.inputs import Input
from attriboard.outputs import Classes
from attriboard.outputs.classes import Scores

TRIED = 4  # rows that tell what the model's numbers are
NAME = "Captum Insights"


class AttributionVisualizer:
    """Models, classes, features and batches as Captum Insights took them.

    models: one module or several; each is explained for its own prediction.
    features: one for each input of the batches, in the order of the models' arguments.
    dataset: any iterable of `Batch`; its first 10,000 rows are kept, so that the same examples
        stay on screen whatever is changed.
    score_func: makes confidences of the outputs; attributions are of the outputs themselves.
    use_label_for_attr: False where the model gives one number between 0 and 1 for two classes.

    Nothing runs before `serve`, `render` or `board`. Raises InvalidInput for what does not fit.
    """

    def __init__(
        self,
        models: list[nn.Module] | nn.Module,
        classes: list[str],
        features: list[BaseFeature] | BaseFeature,
        dataset: Iterable[Batch],
        score_func: Callable[[Tensor], Tensor] | None = None,
        use_label_for_attr: bool = True,
    ) -> None:
        self.models = list(models) if isinstance(models, (list, tuple)) else [models]
        self.features = list(features) if isinstance(features, (list, tuple)) else [features]
        self.classes = list(classes)
        self.dataset = dataset
        self.score_func = score_func
        self.use_label_for_attr = use_label_for_attr
        self.view: View | None = None

    @cached_property
    def board(self) -> Board:
        """The board of all this: `visualizer.board.serve(...)` takes AttriBoard's own options."""
        rows = read(self.dataset, len(self.features))
        if rows.cut:
            sys.stderr.write(f"AttriBoard shows the first {len(rows.inputs):,} examples only.\n")
        inputs = self._inputs(rows)
        names = [entry.name for entry in inputs]
        models = self._models(rows)
        first = next(iter(models.values()))
        return Board(models, _items(rows, names), inputs, self._output(first, inputs, rows), NAME)

    def serve(
        self,
        blocking: bool = False,
        debug: bool = False,
        port: int | None = None,
        bind_all: bool = False,
        *,
        store: Path | str | None = None,
    ) -> View:
        """Serve the dashboard and print its address.

        As in Captum, a script stays alive while it is served, and `blocking` waits here.
        `bind_all` lets other machines in, who need the token in the printed address. `debug` does
        nothing: errors are told on the page and in the terminal. `store` is AttriBoard's own: the
        folder that keeps results.
        """
        host = "0.0.0.0" if bind_all else "127.0.0.1"
        self.view = self.board.show(host=host, port=port, store=store)
        sys.stdout.write(f"{self.board.name} is at {self.view.url}\n")
        sys.stdout.flush()
        if blocking:
            with contextlib.suppress(KeyboardInterrupt):
                self.view.wait()
            self.view.close()
        elif not _in_notebook():
            threading.Thread(target=self.view.wait, name="attriboard-serving").start()
        return self.view

    def render(self, debug: bool = True, *, store: Path | str | None = None) -> None:
        """Show the dashboard in the notebook's cell; `view` holds what is shown."""
        self.view = self.board.show(store=store)
        try:
            display = importlib.import_module("IPython.display").display
        except ModuleNotFoundError:
            sys.stdout.write(f"{self.board.name} is at {self.view.url}\n")
            return
        display(self.view)

    # What becomes of the arguments

    def _inputs(self, rows: Rows) -> list[Input]:
        taken: set[str] = set()
        for feature in self.features:
            feature.name = _unique(feature.name, taken)
        extra = [Extra(number + 1) for number, one in enumerate(rows.extra[0]) if one is not None]
        return [*(input_of(feature) for feature in self.features), *extra]

    def _models(self, rows: Rows) -> dict[str, nn.Module]:
        extra = rows.extra[0]
        taken: set[str] = set()
        found = {}
        for model in self.models:
            called = Called(model, len(self.features), extra, rows.constants) if extra else model
            name = "model" if len(self.models) == 1 else _unique(type(model).__name__, taken)
            found[name] = called if self.use_label_for_attr else TwoClasses(called)
        return found

    def _output(self, model: nn.Module, inputs: Sequence[Input], rows: Rows) -> Classes:
        if not self.use_label_for_attr:
            if len(self.classes) != 2:
                raise InvalidInput(
                    "With use_label_for_attr=False the model gives one number for two classes, but "
                    f"classes= names {len(self.classes)}.",
                    "classes",
                )
            return Classes(self.classes, scores="probabilities")
        if self.score_func is not None:
            return ScoredClasses(self.classes, self.score_func)
        return Classes(self.classes, scores=_scores(model, inputs, rows))


def _items(rows: Rows, names: Sequence[str]) -> list[dict[str, Any]]:
    parts = zip(rows.inputs, rows.extra, rows.labels, strict=True)
    return [
        {
            **dict(zip(names, (*given, *(one for one in extra if one is not None)), strict=True)),
            "label": label,
        }
        for given, extra, label in parts
    ]


def _scores(model: nn.Module, inputs: Sequence[Input], rows: Rows) -> Scores:
    """Whether the outputs are probabilities already, or their logarithms."""
    found = []
    for item in _items(rows, [entry.name for entry in inputs])[:TRIED]:
        tensors = [entry.tensor(item[entry.name])[None] for entry in inputs]
        with torch.no_grad():
            found.append(model(*tensors))
    outputs = torch.cat(found).double()
    for kind, values in (("probabilities", outputs), ("log_probabilities", outputs.exp())):
        sums = values.sum(-1)
        if bool((values >= 0).all()) and torch.allclose(sums, torch.ones_like(sums), atol=1e-4):
            return "probabilities" if kind == "probabilities" else "log_probabilities"
    return "logits"


def _unique(name: str, taken: set[str]) -> str:
    found, number = name, 2
    while found in taken:
        found, number = f"{name} {number}", number + 1
    taken.add(found)
    return found


def _in_notebook() -> bool:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")
