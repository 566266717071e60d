"""Board: the user's whole hand-over, validated at once."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from attriboard.board import fingerprints, items, models
from attriboard.board.adapted import adapted, adapter_of
from attriboard.board.baselines import Baselines
from attriboard.board.exits import no_exit
from attriboard.board.fingerprints import of_tensors
from attriboard.board.identity import ModelFingerprint, data_fingerprint
from attriboard.board.imported import Absent, Imported, imported, imports_differ
from attriboard.board.models import Model
from attriboard.board.positions import positions_of
from attriboard.board.randomness import preserved_randomness
from attriboard.board.source import Example, More, Source
from attriboard.board.validation import Findings, check_inputs, check_output, validate
from attriboard.engine.errors import AttriboardError, InvalidInput
from attriboard.inputs import Input
from attriboard.outputs import Heads, Output

if TYPE_CHECKING:
    from attriboard.api.launch import View

ROWS_KEPT = 4


class Board:
    """Models, a dataset, and what goes in and comes out.

    model: an nn.Module, TorchScript, any callable (perturbation methods only), or a dict of them
        by name. Each takes one batch per input, in the order of `inputs`. It is never changed.
    dataset: a map-style dataset or sequence; see `attriboard.board.items` for its items. Labels
        may be left out. A path, a data frame, a dict of columns and an iterable are read as
        `attriboard.board.datasets` says.
    label: the key of the label, where an item is a dict.
    limit: how many examples are read at most; an iterable needs it.
    inputs: one `Image`, `Text` or other input for each argument of the model.
    output: `Classes`, `MultiLabel`, `Regression`, `PerToken` or another output; a dict of them by
        name for a model with several heads.
    version: names the version of the data, where sampling its content to tell it is not wanted.
    about: what there is to see, in a line or two, shown on the page.
    opening: the view the printed link opens, as the part of a shared link from its "?" on.
    views: further such views by name, found among the saved views from the first start on.

    All is tried on a few examples at once. Raises InvalidInput for what does not fit, ModelError
    where a model fails; `warnings` holds sentences about what may mislead.
    """

    def __init__(
        self,
        model: Model | Mapping[str, Model],
        dataset: Any,
        inputs: Input | Sequence[Input],
        output: Output | Mapping[str, Output],
        name: str = "AttriBoard",
        version: str | None = None,
        *,
        label: str = items.LABEL,
        limit: int | None = None,
        about: str = "",
        opening: str = "",
        views: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.version = version
        self.about = about
        self.opening = opening.lstrip("?")
        self.views = {name: query.lstrip("?") for name, query in (views or {}).items()}
        self.output = check_output(Heads(output) if isinstance(output, Mapping) else output)
        given = check_inputs(inputs)
        self.models = self._adapted(models.named(model), given)
        self._source = Source(dataset, given, self.output, label, limit)
        self._lock = threading.RLock()
        self._rows_lock = threading.Lock()
        self._rows: dict[int, tuple[Example, tuple[Tensor, ...], tuple[Tensor, ...]]] = {}
        self._data_fingerprint: str | None = None
        self._model_fingerprints = {
            name: ModelFingerprint(one) for name, one in self.models.items()
        }
        with preserved_randomness(), no_exit():
            found: Findings = validate(self.models, self._source, given, self.output)
        self.inputs = tuple(entry for entry in found.inputs if entry.attributed)
        self.extras = tuple(entry for entry in found.inputs if not entry.attributed)
        self.labelled = found.labelled
        self.warnings = found.warnings
        self._baselines = Baselines(self)
        self._imported: dict[str, Imported] = {}
        self._more: More | None = None

    def __repr__(self) -> str:
        listed = ", ".join(entry.name for entry in self.inputs)
        return f"<Board {self.name!r}: {len(self)} examples of {listed}>"

    def __len__(self) -> int:
        return len(self._source)

    # Examples

    def example(self, index: int) -> Example:
        """Example `index`, from 0. Safe from any thread."""
        if self._more is not None and index not in range(len(self)) and self._more.has(index):
            return self._more.example(index)
        return self._source.example(index)

    def has(self, index: int) -> bool:
        """Whether the dataset, or what was attached to it, has an example `index`."""
        return 0 <= index < len(self) or (self._more is not None and self._more.has(index))

    def attach(self, more: More | None) -> None:
        """Examples of one's own, numbered on from the dataset's last; None takes them away."""
        self._more = more

    def tensors(self, examples: Sequence[Example]) -> tuple[Tensor, ...]:
        """The inputs of several examples, one tensor an input, batch first.

        Raises InvalidInput where shapes differ.
        """
        rows = [self._row(example) for example in examples]
        return tuple(
            self._stacked(entry, examples, [row[place] for row in rows])
            for place, entry in enumerate(self.inputs)
        )

    def extra(self, examples: Sequence[Example]) -> tuple[Tensor, ...]:
        """The model's further arguments, which nothing is attributed to, batch first."""
        rows = [self._read_row(example)[1] for example in examples]
        return tuple(
            self._stacked(entry, examples, [row[place] for row in rows])
            for place, entry in enumerate(self.extras)
        )

    def sample(self, n: int = 64, seed: int = 0) -> list[Example]:
        """At most `n` examples, the same for the same seed; unreadable items are left out."""
        found = []
        for index in self.indices(n, seed):
            try:
                found.append(self.example(index))
            except AttriboardError:
                continue
        return found

    def indices(self, n: int = 64, seed: int = 0) -> list[int]:
        """At most `n` different indices in ascending order, the same for the same seed."""
        return self._source.indices(n, seed)

    def _row(self, example: Example) -> tuple[Tensor, ...]:
        return self._read_row(example)[0]

    def _read_row(self, example: Example) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """The example's tensors: its inputs', and its further arguments'.

        The last few are kept: its baseline and features follow them.
        """
        kept = self._rows.get(example.index)
        if kept is not None and kept[0] is example:
            return kept[1], kept[2]
        row = tuple(self._tensor(entry, example) for entry in self.inputs)
        extra = tuple(self._tensor(entry, example) for entry in self.extras)
        with self._rows_lock:
            self._rows[example.index] = (example, row, extra)
            while len(self._rows) > ROWS_KEPT:
                del self._rows[next(iter(self._rows))]
        return row, extra

    def _tensor(self, entry: Input, example: Example) -> Tensor:
        try:
            return entry.tensor(example.raw[entry.name])
        except InvalidInput as error:
            raise InvalidInput(f"Example {example.index}: {error}", error.field) from error

    def _stacked(
        self, entry: Input, examples: Sequence[Example], tensors: Sequence[Tensor]
    ) -> Tensor:
        if not tensors:
            raise InvalidInput("There are no examples to make a batch of.", "examples")
        for example, tensor in zip(examples, tensors, strict=True):
            if tensor.shape != tensors[0].shape:
                raise InvalidInput(
                    f"Input {entry.name!r} has shape {tuple(tensors[0].shape)} in example "
                    f"{examples[0].index} and {tuple(tensor.shape)} in example {example.index}. "
                    "Only examples of equal shape share a batch: take one at a time, or bring them "
                    "to one shape (a resize in transform=, or length= for texts).",
                    "examples",
                )
        return torch.stack(list(tensors))

    def completed(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Raw values with what follows from them, such as a text's mask, made anew."""
        return self._source.completed(raw)

    # Baselines and features

    def baseline(
        self, choices: Mapping[str, Any] | None, example: Example, seed: int = 0
    ) -> tuple[Tensor, ...]:
        """The baseline of one example, per input, with a batch dimension of 1.

        `choices` maps an input's name to a named baseline, {"example": index} or
        {"file": bytes}; inputs left out take their default.
        """
        chosen = self._known(choices, "baseline")
        return tuple(
            self._baselines.of(entry, chosen.get(entry.name), example, tensor, seed)[None]
            for entry, tensor in zip(self.inputs, self._row(example), strict=True)
        )

    def features(
        self, choices: Mapping[str, str] | None, example: Example
    ) -> tuple[Tensor, ...] | None:
        """Group ids of one example, per input in its shape, each counted from 0.

        None where every element of every input is a feature of its own.
        """
        chosen = self._known(choices, "features")
        kinds = [chosen.get(entry.name, entry.feature_kinds()[0].id) for entry in self.inputs]
        first = [entry.feature_kinds()[0].id for entry in self.inputs]
        if kinds == first:
            return None
        row = self._row(example)
        return tuple(
            entry.features(example.raw[entry.name], tensor, kind)
            for entry, tensor, kind in zip(self.inputs, row, kinds, strict=True)
        )

    def _known(self, choices: Mapping[str, Any] | None, what: str) -> Mapping[str, Any]:
        names = [entry.name for entry in self.inputs]
        for name in choices or {}:
            if name not in names:
                raise InvalidInput(
                    f"There is no input {name!r}; the board has {', '.join(names)}.",
                    f"{what}.{name}",
                )
        return choices or {}

    # Fingerprints

    @property
    def data_fingerprint(self) -> str:
        """Tells this dataset, read in this way, from any other; by a sample of its items."""
        with self._lock:
            if self._data_fingerprint is None:
                self._data_fingerprint = data_fingerprint(self)
            return self._data_fingerprint

    def model_fingerprint(self, name: str) -> str:
        """Tells this model from any other: a hash of its code, settings, parameters and buffers."""
        own = self._model_fingerprints[self._model(name)].current()
        given = self._imported.get(name)
        return own if given is None else fingerprints.of_text(own, given.fingerprint)

    # Predictions

    def apart(self, outputs: Tensor, examples: Sequence[Example]) -> Tensor:
        """Raw outputs (N, ...) of `examples`, to be read: NaN where a position is padding."""
        text = positions_of(self.output, self.inputs)
        if text is None:
            return outputs
        padding = [torch.tensor(text.padding(example.raw[text.name])) for example in examples]
        return self.output.apart(outputs, torch.stack(padding))

    def import_predictions(self, outputs: Any, model: str | None = None) -> None:
        """Take a model's predictions from elsewhere, instead of making them at the first start.

        outputs: the model's raw outputs (N, ...), one row an example in the dataset's order: a
            tensor, an array or a list. model: whose; the first one's when left out. A name the
            board does not have is a model of its own: listed, filtered and compared like the
            others, and not explained, since the board does not hold it.

        Explanations still run the model itself; where the two differ on the first examples, the
        board's warnings say so. Raises InvalidInput for what does not fit.
        """
        name = next(iter(self.models)) if model is None else model
        given = imported(outputs, len(self), self.output)
        if name not in self.models:
            self._add_absent(name)
        self._imported[name] = given
        if isinstance(self.models[name], Absent):
            return
        doubt = imports_differ(self, name, given)
        if doubt is not None:
            self.warnings = (*self.warnings, doubt)

    def _add_absent(self, name: str) -> None:
        models.check_name(name)
        absent = Absent(name)
        self.models[name] = absent
        self._model_fingerprints[name] = ModelFingerprint(absent)

    def imported_predictions(self, model: str) -> Imported | None:
        """What `import_predictions` was given for a model; None where it makes its own."""
        return self._imported.get(self._model(model))

    def example_fingerprint(self, example: Example) -> str:
        """A hash of the example's input tensors."""
        row, extra = self._read_row(example)
        names = [entry.name for entry in (*self.inputs, *self.extras)]
        return of_tensors(zip(names, (*row, *extra), strict=True))

    # Models

    def _adapted(self, given: dict[str, Model], inputs: Sequence[Input]) -> dict[str, Model]:
        """The models, made to take what the inputs give and to return what the output reads."""
        adapter, embeddings = adapter_of(inputs, self.output)
        if adapter.idle:
            return given
        return {name: adapted(one, adapter, embeddings) for name, one in given.items()}

    def parameter_count(self, name: str) -> int:
        """The number of trained values of a model; 0 for a black box."""
        return models.parameter_count(self.models[self._model(name)])

    def is_black_box(self, name: str) -> bool:
        """Whether a model is a callable without gradients."""
        return models.is_black_box(self.models[self._model(name)])

    def _model(self, name: str) -> str:
        if name in self.models:
            return name
        known = ", ".join(self.models)
        raise InvalidInput(f"There is no model {name!r}; the board has {known}.", "model")

    # The dashboard

    def serve(
        self,
        host: str = "127.0.0.1",
        port: int | None = None,
        *,
        token: str | None = None,
        base_url: str = "",
        allow_host: Iterable[str] = (),
        open_browser: bool | None = None,
        store: Path | str | None = None,
        memory: int | str | None = None,
    ) -> None:
        """Serve the dashboard until Ctrl-C; `attriboard.api.launch.serve` tells what each means."""
        from attriboard.api import launch

        launch.serve(
            self,
            host=host,
            port=port,
            token=token,
            base_url=base_url,
            allow_host=allow_host,
            open_browser=open_browser,
            store=store,
            memory=memory,
        )

    def show(
        self,
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        token: str | None = None,
        base_url: str = "",
        allow_host: Iterable[str] = (),
        store: Path | str | None = None,
        memory: int | str | None = None,
        height: int = 800,
    ) -> View:
        """Show the dashboard in a notebook, not blocking; `.selection` holds what is selected."""
        from attriboard.api import launch

        return launch.show(
            self,
            host=host,
            port=port,
            token=token,
            base_url=base_url,
            allow_host=allow_host,
            store=store,
            memory=memory,
            height=height,
        )
