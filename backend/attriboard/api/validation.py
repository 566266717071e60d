"""Pydantic's validation errors as sentences that name the field and the mend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

MOST_TOLD = 5
LONGEST_VALUE = 60
# Where FastAPI says a value came from, and which member of a union Pydantic tried: not fields.
NOT_FIELDS = frozenset(
    ("body", "query", "path", "header", "cookie")
    + ("int", "str", "IndexTarget", "ContrastTarget", "ExampleBaseline")
)


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
    place = (str(part) for part in error.get("loc", ()))
    return ".".join(part for part in place if part not in NOT_FIELDS) or None


def _sentence(field: str | None, error: Mapping[str, Any]) -> str:
    kind = str(error["type"])
    if kind == "json_invalid":
        reason = str(error.get("ctx", {}).get("error", "it cannot be parsed"))
        return f"The body is not valid JSON: {reason}."
    name = f"`{field}`" if field else "The body"
    rule = RULES.get(kind)
    said = rule(error.get("ctx", {})) if rule else _lowered(str(error["msg"]))
    given = "" if kind in NO_VALUE else _given(error.get("input"))
    return f"{name} {said}{given}."


def _given(value: object) -> str:
    text = repr(value)
    shown = text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
    return f"; it was {shown}"


def _lowered(message: str) -> str:
    message = message.removeprefix("Value error, ").rstrip(".")
    return "is not valid: " + message[:1].lower() + message[1:]


def _items(context: Mapping[str, Any], word: str, bound: str) -> str:
    return f"must have at {word} {context[bound]} items, and has {context['actual_length']}"


NO_VALUE = frozenset({"missing", "too_long", "too_short", "string_too_long", "extra_forbidden"})

RULES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda context: "is missing; give it",
    "extra_forbidden": lambda context: "is not known here; take it out or check its spelling",
    "int_parsing": lambda context: "must be a whole number",
    "int_type": lambda context: "must be a whole number",
    "int_from_float": lambda context: "must be a whole number",
    "int_parsing_size": lambda context: "is too large a number",
    "float_parsing": lambda context: "must be a number",
    "float_type": lambda context: "must be a number",
    "finite_number": lambda context: "must be a finite number",
    "bool_parsing": lambda context: "must be true or false",
    "bool_type": lambda context: "must be true or false",
    "string_type": lambda context: "must be text",
    "list_type": lambda context: "must be a list",
    "dict_type": lambda context: "must be an object",
    "model_type": lambda context: "must be an object",
    "model_attributes_type": lambda context: "must be a JSON object, sent as application/json",
    "greater_than_equal": lambda context: f"must be at least {context['ge']}",
    "greater_than": lambda context: f"must be greater than {context['gt']}",
    "less_than_equal": lambda context: f"must be at most {context['le']}",
    "less_than": lambda context: f"must be less than {context['lt']}",
    "too_long": lambda context: _items(context, "most", "max_length"),
    "too_short": lambda context: _items(context, "least", "min_length"),
    "string_too_long": lambda context: f"must be at most {context['max_length']} characters long",
    "string_too_short": lambda context: f"must be at least {context['min_length']} characters long",
    "string_pattern_mismatch": lambda context: f"must look like {context['pattern']}",
    "literal_error": lambda context: f"must be {context['expected']}",
    "enum": lambda context: f"must be {context['expected']}",
}
