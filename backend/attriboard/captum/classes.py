"""Classes made from rows: real signatures, generated help, one way to the engine."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from attriboard.captum import custom
from attriboard.captum.arguments import Argument, signature
from attriboard.captum.bases import Attribution
from attriboard.captum.questions import question, shaped
from attriboard.captum.rows import Row
from attriboard.captum.surrogates import per_feature


def made(row: Row, *bases: type[Attribution]) -> type[Any]:
    """The class that `row` describes, on top of `bases`."""
    body = {
        "row": row,
        "__init__": _taking(row.init, _hold, "__init__", f"Hold a model for {row.name}."),
        "attribute": _taking(row.call, _answer, "attribute", _call_help(row)),
        "__doc__": _class_help(row),
        "__module__": "attriboard.captum",
    }
    return type(row.name, bases, body)


def _hold(attribution: Attribution, given: dict[str, Any]) -> None:
    attribution.hold(given)


def _answer(attribution: Attribution, given: dict[str, Any]) -> Any:
    asked = question(attribution, given)
    function = given.get("custom_attribution_func")
    tensors = custom.attributions(asked, function) if function else asked.ask().attributions
    if given.get("return_input_shape") is False:
        return per_feature(tensors, given["feature_mask"])
    answer = shaped(attribution, given, tensors)
    if given.get("return_convergence_delta"):
        return answer, attribution.delta(answer, given)
    return answer


def _taking(
    arguments: Sequence[Argument],
    work: Callable[[Attribution, dict[str, Any]], Any],
    name: str,
    help: str,
) -> Callable[..., Any]:
    """A method with the signature of `arguments` that hands what it is given to `work`."""
    shown = signature(arguments)

    def method(self: Attribution, /, *args: Any, **kwargs: Any) -> Any:
        return work(self, bound(shown, self, args, kwargs))

    method.__name__, method.__doc__ = name, help
    method.__signature__ = shown  # type: ignore[attr-defined]
    return method


def bound(
    shown: inspect.Signature, owner: object, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """Every argument by its name, defaults filled in; TypeError for what does not fit."""
    given = shown.bind(owner, *args, **kwargs)
    given.apply_defaults()
    return {name: value for name, value in given.arguments.items() if name != "self"}


def _class_help(row: Row) -> str:
    kind = row.method
    lines = [
        f"{kind.title}, with Captum's arguments. {kind.summary}",
        f"    {kind.formula}",
        f"{kind.citation}. In the engine: `{_in_the_engine(row)}`.",
        row.note,
        _arguments_help(row.init),
    ]
    return "\n\n".join(line for line in lines if line)


def _call_help(row: Row) -> str:
    where = "in the layer's shape" if row.at == "layer" else "in the inputs' shapes"
    return f"Attributions {where}; a bare tensor for a bare tensor.\n\n{_arguments_help(row.call)}"


def _arguments_help(arguments: Sequence[Argument]) -> str:
    return "\n".join(f"{argument.name}: {argument.help}" for argument in arguments)


def _in_the_engine(row: Row) -> str:
    fixed = ", ".join(f"{name}={value!r}" for name, value in row.fixed.items())
    names = {argument.name for argument in (*row.init, *row.call)}
    site = ", layer=..." if "layer" in names else ""
    site += ", neuron=..." if "neuron_selector" in names else ""
    return f"engine.attribute(model, inputs, engine.{row.method.__name__}({fixed}){site})"
