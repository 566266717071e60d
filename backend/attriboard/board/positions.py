"""Which input the places of an output lie in."""

from __future__ import annotations

from collections.abc import Sequence

from attriboard.inputs import Input, Text
from attriboard.outputs import Output, Places

SHOWN_IN = {"position": "text", "pixel": "image"}


def shown_in(places: Places, inputs: Sequence[Input]) -> str | None:
    """The input the places are of: the one that is named, or the only one that has such places."""
    if places.of is not None:
        return places.of
    modality = SHOWN_IN.get(places.what)
    found = [entry.name for entry in inputs if entry.modality == modality]
    return found[0] if len(found) == 1 else None


def positions_of(output: Output, inputs: Sequence[Input]) -> Text | None:
    """The text whose tokens the output's places are; None where they are none."""
    places = output.places
    if places is None or places.what != "position":
        return None
    named = shown_in(places, inputs)
    return next((e for e in inputs if isinstance(e, Text) and e.name == named), None)
