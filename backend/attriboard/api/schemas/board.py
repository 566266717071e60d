"""GET /api/board: everything the page needs to know before it shows an example."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from attriboard.api.schemas.common import Answer


class LayerView(Answer):
    """One layer of a model: where attributions can live instead of at the inputs."""

    name: str = Field(description="Its dotted name: what requests use.")
    type: str = Field(description="Its class.")
    shape: list[int] = Field(description="The shape of its output for the first example.")


class ModelView(Answer):
    """One model of the board."""

    name: str = Field(description="The name requests use.")
    fingerprint: str = Field(description="Changes when the model's weights or code do.")
    parameters: int | None = Field(description="How many parameters it has; null when unknown.")
    black_box: bool = Field(
        description="A plain callable: it can be called, but not differentiated."
    )
    layers: list[LayerView] = Field(
        description="Its layers in the order they run; empty where they cannot be watched."
    )
    looked_at: bool = Field(
        description="False while the model was too busy to tell its layers: ask again."
    )


class Choice(Answer):
    """One named way to group features or to choose a baseline."""

    id: str = Field(description="The name requests use.")
    title: str = Field(description="A short name to show.")
    help: str = Field(description="A sentence that explains it.")


class InputView(Answer):
    """One argument of the model."""

    name: str = Field(description="The input's name.")
    modality: str = Field(description='What it holds: "image", "text" and so on.')
    features: list[Choice] = Field(description="How its elements can be grouped.")
    baselines: list[Choice] = Field(description='What can stand for "absent".')
    default_baseline: str = Field(description="The baseline used when none is chosen.")
    baseline_reason: str = Field(description="Why it is the default here; may be empty.")
    thumbnail: bool = Field(description="Whether it has a small picture for a card.")


Kind = Literal["classes", "regression", "multilabel"]


class HeadView(Answer):
    """One set of scores: of every place alike, or one of several heads."""

    name: str = Field(description="The head's name; empty where there is only one.")
    kind: Kind = Field(description="How to read its scores.")
    names: list[str] = Field(
        description="Names of its classes, by index; empty where they are too many to list."
    )
    size: int = Field(description="How many classes it has.")
    unit: str | None = Field(description="The unit of a regression, or null.")
    what: Literal["position", "pixel"] | None = Field(
        description="What its places are, where one of several heads has many; else null."
    )
    of: str | None = Field(description="The input whose tokens or pixels they are, or null.")
    background: int | None = Field(description='The class that means "nothing here", or null.')


class PlacesView(Answer):
    """The places of an output that each have scores of their own."""

    what: Literal["position", "pixel", "head"] = Field(description="What a place is.")
    of: str | None = Field(description="The input whose tokens or pixels the places are, or null.")
    heads: list[HeadView] = Field(
        description="The heads in order; a single one where all places have the same classes. "
        "A target's index counts through the classes of the first place, then of the next."
    )
    background: int | None = Field(description='The class that means "nothing here", or null.')


class OutputView(Answer):
    """What the model answers."""

    kind: Kind = Field(description="How to read the answer about an example as a whole.")
    names: list[str] = Field(
        description="Names of the classes, labels or outputs, by index; empty where they are too "
        "many to list."
    )
    unit: str | None = Field(description="The unit of a regression, or null.")
    places: PlacesView | None = Field(
        description="Where positions, pixels or heads have scores of their own; else null."
    )


class MethodView(Answer):
    """One attribution algorithm."""

    id: str = Field(description="The class's name: what requests use.")
    title: str = Field(description="The name to show.")
    family: str = Field(description="What it belongs to: gradient, perturbation, layer, …")
    summary: str = Field(description="What it does, in a sentence.")
    params: dict[str, Any] = Field(description="JSON Schema of its parameters.")
    cost: int | None = Field(
        description="Passes an example costs at the default parameters; null where it cannot run."
    )
    sites: list[str] = Field(description="Where its attributions can live.")
    complete: bool = Field(description="Whether attributions sum to f(x) - f(baseline).")
    uses_baseline: bool = Field(description="Whether its attributions depend on the baseline.")
    uses_features: bool = Field(description="Whether it perturbs groups of elements as wholes.")
    progressive: bool = Field(description="Whether it shows what it has while it runs.")
    needs_layer: bool = Field(description="Whether it can only be asked for at a layer.")
    at_inputs: bool = Field(
        description="Asked for at a layer, it attributes to the inputs all the same."
    )
    least_examples: int = Field(description="How many examples one request needs at least.")
    unavailable: str | None = Field(description="Why it cannot run here, or null.")


class ColumnView(Answer):
    """One column that `where` and `sort` understand."""

    name: str = Field(description="The column's name.")
    type: str = Field(description="int, float, bool, str, class or classes.")
    role: str = Field(description="index, label, prediction, text, metadata or computed.")


class CatalogView(Answer):
    """How far the table of examples is."""

    predicted: dict[str, int] = Field(description="How many examples each model has predicted.")
    job: str | None = Field(description="Id of the job that fills it, or null when it is complete.")
    columns: list[ColumnView] = Field(description="What can be filtered and sorted by.")


class BoardView(Answer):
    """The board."""

    name: str = Field(description="The board's name.")
    about: str = Field(description="What there is to see, in a line or two; may be empty.")
    version: str = Field(description="AttriBoard's version.")
    size: int = Field(description="How many examples the dataset has.")
    labelled: bool = Field(description="Whether the examples have labels.")
    models: list[ModelView] = Field(description="The models; the first is the default.")
    inputs: list[InputView] = Field(description="The model's arguments, in order.")
    output: OutputView = Field(description="What the models answer.")
    methods: list[MethodView] = Field(description="Every algorithm, available or not.")
    catalog: CatalogView = Field(description="How far the table of examples is.")
    warnings: list[str] = Field(description="What looks wrong with the board, in sentences.")
