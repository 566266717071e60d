"""Which input the places of an output lie in."""

from __future__ import annotations

from collections.abc import Sequence

from attriboard.inputs import Input, Text
from attriboard.outputs import Output

SHOWN_IN = {"position": "text", "pixel": "image"}


def shown_in(what: str | None, of: str | None, inputs: Sequence[Input]) -> str | None:
    """The input that such places are of: `of`, or the only one that has them."""
    if of is not None:
        return of
    modality = SHOWN_IN.get(what or "")
    found = [entry.name for entry in inputs if entry.modality == modality]
    return found[0] if len(found) == 1 else None


def positions_of(output: Output, inputs: Sequence[Input]) -> Text | None:
    """The text whose tokens places of the output are; None where there are no such places."""
    if output.places is None:
        return None
    known = [(part.what, part.of) for part in output.places.heads]
    for what, of in [(output.places.what, output.places.of), *known]:
        if what == "position":
            name = shown_in(what, of, inputs)
            return next((e for e in inputs if isinstance(e, Text) and e.name == name), None)
    return None
