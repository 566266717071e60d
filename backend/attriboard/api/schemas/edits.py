"""Examples of one's own."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from attriboard.api.schemas.attributions import MOST_INPUTS
from attriboard.api.schemas.common import Answer, Index, Name, Question
from attriboard.api.schemas.examples import EditHead


class EditQuestion(Question):
    """An example of one's own: what is given, and the example that the rest is of."""

    parent: Index | None = Field(
        None, description="The example to change; null where every input is given."
    )
    inputs: dict[Name, Any] = Field(
        min_length=1,
        max_length=MOST_INPUTS,
        description='By input: a text, {"file": base64}, {"painted": base64 of a PNG in the size '
        'the picture is shown in}, or {"columns": {name: value}} of a table.',
    )
    role: Literal["edit", "baseline"] = Field("edit", description="What it is made for.")


class EditView(EditHead):
    """An example of one's own in a list."""

    index: Index = Field(description="Its index, wherever an example's index is asked for.")
    texts: dict[str, str] = Field(description="What can be read of its inputs.")


class EditList(Answer):
    """Examples of one's own."""

    edits: list[EditView] = Field(description="The newest first.")
