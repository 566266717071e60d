"""Pydantic's validation errors as sentences that name the field and the mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MOST_TOLD = 5
LONGEST_VALUE = 60
# Where FastAPI says a value came from; the reader knows it as the field's name alone.
SOURCES = frozenset({"body", "query", "path", "header", "cookie"})
# Members of a union are tagged so in the schemas: "<contrast>" is no field either.
TAG = "<"


def describe(errors: Sequence[Mapping[str, Any]]) -> list[tuple[str | None, str]]:
    """(field, sentence) of each error, one a field, at most `MOST_TOLD`. Never empty."""
    told: dict[str | None, str] = {}
    for error in errors:
        field = _field(error)
        told.setdefault(field, _sentence(field, error))
    found = list(told.items())[:MOST_TOLD]
    return found or [(None, "The request is not valid.")]


def _field(error: Mapping[str, Any]) -> str | None:
    if error["type"] == "json_invalid":
        return None
    place = [str(part) for part in error.get("loc", ())]
    names = place[1:] if place[:1] and place[0] in SOURCES else place
    return ".".join(name for name in names if not name.startswith(TAG)) or None


def _sentence(field: str | None, error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    if kind == "json_invalid":
        reason = str(error.get("ctx", {}).get("error", "it cannot be parsed"))
        return f"The body is not valid JSON: {reason}."
    name = f"`{field}`" if field else "The body"
    rule = RULES.get(kind)
    said = rule.format_map(error.get("ctx", {})) if rule else _lowered(str(error["msg"]))
    given = "" if kind in NO_VALUE else _given(error.get("input"))
    return f"{name} {said}{given}."


def _given(value: object) -> str:
    text = repr(value)
    shown = text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
    return f"; it was {shown}"


def _lowered(message: str) -> str:
    message = message.removeprefix("Value error, ").rstrip(".")
    return "is not valid: " + message[:1].lower() + message[1:]


NO_VALUE = frozenset({"missing", "too_long", "too_short", "string_too_long", "extra_forbidden"})

# What is said after the field's name, by Pydantic's type of error, filled from its context.
RULES = {
    "missing": "is missing; give it",
    "extra_forbidden": "is not known here; take it out or check its spelling",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be a JSON object, sent as application/json",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be greater than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "too_long": "must have at most {max_length} items, and has {actual_length}",
    "too_short": "must have at least {min_length} items, and has {actual_length}",
    "string_too_long": "must be at most {max_length} characters long",
    "string_too_short": "must be at least {min_length} characters long",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
}
