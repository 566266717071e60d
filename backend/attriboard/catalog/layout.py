"""Which column of the table holds what: the map from names people use to names SQL uses.

The SQL never holds a name from outside: tables and columns are named by us and numbered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from attriboard.catalog.rows import Column, OutputKind
from attriboard.catalog.values import MetadataType
from attriboard.engine.errors import InvalidInput

PREDICTION_TYPES = {"score": "DOUBLE", "margin": "DOUBLE", "loss": "DOUBLE", "correct": "BOOLEAN"}
ANSWER_TYPES: dict[OutputKind, str] = {
    "classes": "INTEGER",
    "regression": "DOUBLE",
    "multilabel": "VARCHAR",  # ",3,7,": searchable, and updated in place as lists are not
}
TEXT = "VARCHAR USING COMPRESSION uncompressed"
"""Text as it is searched and read row by row: several times faster than compressed."""
METADATA_TYPES: dict[MetadataType, str] = {
    "bool": "BOOLEAN",
    "int": "BIGINT",
    "float": "DOUBLE",
    "str": TEXT,
}
DISAGREE = "models_disagree"
"""Whether the models predict differently: empty before two of them have predicted an example."""
OWN_NAMES = ("index", "label", "predicted", *PREDICTION_TYPES, DISAGREE, "tags", "note")
PREFIX = "data_"

Distinct = frozenset[bool | int | str] | None
"""The different values a metadata column has held; None where they are too many to list."""


@dataclass(frozen=True)
class Stored:
    """A public column and where it lies. `folded` is its lower-case twin, for text.

    `few` are the values of a column that holds so few different ones that they can be listed.
    """

    column: Column
    sql: str
    folded: str | None = None
    few: Distinct = None


@dataclass(frozen=True)
class Slot:
    """A model's numbered set of columns, and what the model was when they were filled.

    `computed` are those worked out from its predictions later, such as contributions, by name.
    """

    number: int
    fingerprint: str
    computed: Mapping[str, Stored] = field(default_factory=dict)

    def sql(self, name: str) -> str:
        """The column that holds `name`, such as "score", of this model."""
        return f"model_{self.number}_{name}"


@dataclass(frozen=True)
class Metadata:
    """One metadata column: the dataset's own name for it, the public one, and its type."""

    key: str
    number: int
    stored: Stored
    type: MetadataType
    distinct: Distinct


@dataclass(frozen=True)
class Layout:
    """Everything needed to turn names into SQL. Immutable: a change makes a new one."""

    output_kind: OutputKind
    output_names: tuple[str, ...]
    texts: Mapping[str, Stored]  # by the input's name
    metadata: Mapping[str, Metadata] = field(default_factory=dict)
    models: Mapping[str, Slot] = field(default_factory=dict)
    default_model: str | None = None
    marks: tuple[Stored, ...] = ()
    compared: tuple[str, ...] = ()  # the board's models; the file may hold others from before

    def slot(self, model: str | None) -> Slot:
        """The columns of `model`, or of the first model; InvalidInput where there is none."""
        name = self.default_model if model is None else model
        if name is None or name not in self.models:
            known = ", ".join(self.models) or "none"
            raise InvalidInput(
                f"There is no model called {name!r} in this catalog; it has {known}.", "model"
            )
        return self.models[name]

    def with_slot(self, model: str, slot: Slot) -> Layout:
        """This layout with `slot` as the columns of `model`."""
        return replace(
            self,
            models={**self.models, model: slot},
            default_model=self.default_model or model,
        )

    def columns(self, model: str | None = None) -> dict[str, Stored]:
        """Every public column by name, with the predictions being those of `model`."""
        stored = [
            Stored(Column("index", "int", "index"), '"index"'),
            Stored(Column("label", self._answer_type(), "label"), "label"),
            *self.marks,
            *self._predictions(model),
            *self._disagreement(),
            *self.texts.values(),
            *(metadata.stored for metadata in self.metadata.values()),
            *self.computed(model).values(),
        ]
        return {each.column.name: each for each in stored}

    def computed(self, model: str | None = None) -> Mapping[str, Stored]:
        """The columns computed for `model`, or for the first model, by the name they were given."""
        has_none = model is None and self.default_model is None
        return {} if has_none else self.slot(model).computed

    def taken(self, slot: Slot | None = None) -> set[str]:
        """The public names that a new column must not have; with `slot`, one of that model alone.

        Models share the names of what is computed for each, so that one `where` fits them all.
        """
        slots = list(self.models.values()) if slot is None else [slot]
        stored = [*self.texts.values(), *(each.stored for each in self.metadata.values())]
        stored += [each for known in slots for each in known.computed.values()]
        return {*OWN_NAMES, *(each.column.name for each in stored)}

    def _predictions(self, model: str | None) -> list[Stored]:
        if model is None and self.default_model is None:
            return []
        slot = self.slot(model)
        predicted = Column("predicted", self._answer_type(), "prediction")
        found = [Stored(predicted, slot.sql("predicted"))]
        for name in PREDICTION_TYPES:
            kind: Literal["bool", "float"] = "bool" if name == "correct" else "float"
            found.append(Stored(Column(name, kind, "prediction"), slot.sql(name)))
        return found

    def _disagreement(self) -> list[Stored]:
        """Whether the board's models predict differently; nothing for one model, or for numbers."""
        names = [name for name in self.compared or self.models if name in self.models]
        if len(names) < 2 or self.output_kind == "regression":
            return []
        first, *others = (self.models[name].sql("predicted") for name in names)
        differ = " OR ".join(f"{first} <> {other}" for other in others)
        return [Stored(Column(DISAGREE, "bool", "computed"), f"({differ})")]

    def _answer_type(self) -> Literal["class", "classes", "float"]:
        kinds: dict[OutputKind, Literal["class", "classes", "float"]] = {
            "classes": "class",
            "multilabel": "classes",
            "regression": "float",
        }
        return kinds[self.output_kind]

    def class_indices(self, name: str) -> tuple[int, ...]:
        """The classes called `name`: usually one, none where the name is unknown."""
        return tuple(i for i, each in enumerate(self.output_names) if each == name)

    def class_name(self, index: int) -> str:
        """The name of class `index`, or the index itself where it has no name."""
        return self.output_names[index] if 0 <= index < len(self.output_names) else str(index)


def public_name(key: str, taken: set[str]) -> str:
    """A metadata column's public name: its own, prefixed until it collides with no other."""
    name = key or "column"
    while name in taken:
        name = PREFIX + name
    return name
