"""Tags, notes, saved views, and examples found by their ids."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from attriboard.api.schemas.common import LONGEST_NAME, Answer, Index, Question
from attriboard.api.schemas.examples import CountView, ExampleItem

MOST_EXAMPLES = 100_000
MOST_TAGS = 20
LONGEST_QUERY = 8000
LONGEST_NOTE = 4000

Tags = Annotated[list[Annotated[str, Field(max_length=LONGEST_NAME)]], Field(max_length=MOST_TAGS)]
Indices = Annotated[list[Index], Field(max_length=MOST_EXAMPLES)]
Ids = Annotated[
    list[Annotated[str, Field(max_length=LONGEST_NAME)]], Field(max_length=MOST_EXAMPLES)
]


class TagChange(Question):
    """Tags to give to examples, and tags to take away."""

    examples: Indices = Field(description="Which examples.")
    add: Tags = Field(default_factory=list, description="Tags to give.")
    remove: Tags = Field(default_factory=list, description="Tags to take away.")


class TagList(Answer):
    """All tags in use."""

    tags: list[CountView] = Field(description="Each tag with the number of its examples.")


class NeighbourView(Answer):
    """An example that is alike."""

    similarity: float = Field(description="The cosine between the features, -1 to 1.")
    item: ExampleItem = Field(description="The example.")


class NeighbourList(Answer):
    """The nearest examples in the space of the model's last layer."""

    neighbours: list[NeighbourView] = Field(description="The most alike first.")


class Pulse(Answer):
    """What a page asks again and again, to follow what happens elsewhere."""

    instance: str = Field(description="Another one: the server was started anew.")
    selection: int = Field(description="Grows when the selection changes.")
    marks: int = Field(description="Grows when tags or notes change.")
    models: str = Field(description="Another text: a model's weights changed while it is served.")


class NoteChange(Question):
    """A note on one example."""

    note: str = Field(max_length=LONGEST_NOTE, description="The note; empty takes it away.")


class MarksView(Answer):
    """What people say of one example."""

    tags: list[str] = Field(description="Its tags.")
    note: str | None = Field(description="Its note.")


class IdQuestion(Question):
    """Identifiers to be found among the examples."""

    column: str = Field("index", max_length=LONGEST_NAME, description="The column they stand in.")
    values: Ids = Field(description="What the column reads.")


class IdAnswer(Answer):
    """The examples found."""

    examples: list[Index] = Field(description="Indices, in the order of the values asked for.")
    missing: list[str] = Field(description="Values that no example has, at most 20 of them.")
    missing_count: int = Field(description="How many values no example has.")


class ViewQuestion(Question):
    """A view to save."""

    name: str = Field(max_length=LONGEST_NAME, description="What it is called.")
    query: str = Field(max_length=LONGEST_QUERY, description="The query string of its address.")


class ViewRename(Question):
    """A saved view's new name."""

    name: str = Field(max_length=LONGEST_NAME, description="What it is called now.")
    new_name: str = Field(max_length=LONGEST_NAME, description="What it shall be called.")


class SavedViewView(Answer):
    """A saved view: a rule, not a copy."""

    name: str = Field(description="What it is called.")
    query: str = Field(description="The query string of its address.")


class SavedViewList(Answer):
    """The saved views."""

    views: list[SavedViewView] = Field(description="In the order they were made.")
