"""Parameters of methods: one dataclass field each is form, range, cache key and help at once."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from attriboard.engine.errors import InvalidInput

Schema = dict[str, Any]
Owner = TypeVar("Owner")


def param(
    default: Any,
    help: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
) -> Any:
    """A parameter: a dataclass field with its help and the range it must lie in."""
    metadata = {"help": help, "minimum": minimum, "maximum": maximum}
    return dataclasses.field(default=default, metadata=metadata)


def check(owner: Any) -> None:
    """Raise InvalidInput for the first parameter of `owner` whose value its field forbids."""
    hints = _hints(type(owner))  # type: ignore[arg-type]
    for field in dataclasses.fields(owner):
        value = getattr(owner, field.name)
        _check_value(field, hints[field.name], value)


def schema(owner: type) -> Schema:
    """The JSON Schema (2020-12) of the parameters of `owner`, as forms and the API use it."""
    hints = _hints(owner)
    properties = {
        f.name: _property(f, hints[f.name])
        for f in dataclasses.fields(owner)
        if _is_plain(hints[f.name])
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def values(owner: Any) -> dict[str, Any]:
    """All parameters of `owner` as JSON has them: complete, so equal methods have equal values."""
    return {
        field.name: _jsonable(getattr(owner, field.name)) for field in dataclasses.fields(owner)
    }


def build(owner: type[Owner], given: Mapping[str, Any]) -> Owner:
    """An `owner` with the JSON values `given`; what is left out takes its default.

    Raises InvalidInput, whose `field` names the parameter, for unknown names and bad values.
    """
    known = [field.name for field in dataclasses.fields(owner)]  # type: ignore[arg-type]
    for name in given:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise InvalidInput(
                f"{owner.__name__} has no parameter {name!r}. It has: {listed}.",
                f"method.params.{name}",
            )
    return owner(**{name: _tupled(value) for name, value in given.items()})


def _tupled(value: Any) -> Any:
    return tuple(_tupled(item) for item in value) if isinstance(value, list | tuple) else value


@lru_cache(maxsize=256)
def _hints(owner: Any) -> dict[str, Any]:
    return get_type_hints(owner)


def _options(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(o for part in get_args(hint) for o in _options(part))
    return (hint,)


def _is_plain(hint: Any) -> bool:
    """Whether JSON Schema can say it; a method inside a method is described elsewhere."""
    return all(_json_type(option) is not None for option in _options(hint))


_NAMES: dict[Any, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    type(None): "null",
}


def _json_type(option: Any) -> Schema | None:
    if option in _NAMES:
        return {"type": _NAMES[option]}
    if get_origin(option) is Literal:
        return {"enum": list(get_args(option))}
    if get_origin(option) in (tuple, Sequence):
        inner = [_json_type(o) for o in _options(get_args(option)[0])]
        if all(inner):
            return {"type": "array", "items": inner[0] if len(inner) == 1 else {"anyOf": inner}}
    return None


def _property(field: dataclasses.Field[Any], hint: Any) -> Schema:
    options = [_json_type(option) for option in _options(hint)]
    kind: Schema = dict(options[0] or {}) if len(options) == 1 else {"anyOf": options}
    kind |= {"title": field.name.replace("_", " "), "description": field.metadata.get("help", "")}
    kind["default"] = _jsonable(field.default)
    for bound in ("minimum", "maximum"):
        if field.metadata.get(bound) is not None:
            kind[bound] = field.metadata[bound]
    return kind


def _jsonable(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_jsonable(item) for item in value]
    to_json: Callable[[], Any] | None = getattr(value, "to_json", None)
    return to_json() if to_json else value


def _check_value(field: dataclasses.Field[Any], hint: Any, value: Any) -> None:
    where = f"method.params.{field.name}"
    if not any(_matches(option, value) for option in _options(hint)):
        wanted = " or ".join(_wording(option) for option in _options(hint))
        raise InvalidInput(f"`{field.name}` is {value!r}: it must be {wanted}.", where)
    low, high = field.metadata.get("minimum"), field.metadata.get("maximum")
    for number in _numbers(value):
        if (low is not None and number < low) or (high is not None and number > high):
            bounds = f"at least {low}" if high is None else f"between {low} and {high}"
            raise InvalidInput(f"`{field.name}` is {number}: it must be {bounds}.", where)


def _matches(option: Any, value: Any) -> bool:
    if option is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if option is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if get_origin(option) is Literal:
        return value in get_args(option)
    if get_origin(option) is tuple:
        inner = _options(get_args(option)[0])
        return isinstance(value, tuple) and all(any(_matches(o, v) for o in inner) for v in value)
    return isinstance(option, type) and isinstance(value, option)


def _wording(option: Any) -> str:
    if get_origin(option) is Literal:
        return "one of " + ", ".join(repr(choice) for choice in get_args(option))
    if get_origin(option) is tuple:
        return "a list of " + " or ".join(_wording(o) for o in _options(get_args(option)[0])) + "s"
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    return words.get(option, "nothing" if option is type(None) else getattr(option, "__name__", ""))


def _numbers(value: Any) -> list[float]:
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        return [value]
    return [n for item in value for n in _numbers(item)] if isinstance(value, tuple) else []
