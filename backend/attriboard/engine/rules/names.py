"""One name for each operation, however the model spells its call.

`a ** 2`, `a.pow(2)` and `torch.pow(a, 2)` are all "pow"; `x.relu_()` is "relu", in place.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import FunctionType
from typing import Any

from torch.overrides import resolve_name

Function = Callable[..., Any]

ALIASES: dict[str, str] = {
    "special_expit": "sigmoid",
    "multiply": "mul",
    "__mul__": "mul",
    "__rmul__": "mul",
    "__imul__": "mul_",
    "divide": "div",
    "true_divide": "div",
    "__truediv__": "div",
    "__itruediv__": "div_",
    "__rtruediv__": "rdiv",
    "__rdiv__": "rdiv",
    "__pow__": "pow",
    "__ipow__": "pow_",
    "__rpow__": "rpow",
    "special_softmax": "softmax",
    "_softmax": "softmax",
    "special_log_softmax": "log_softmax",
    "_log_softmax": "log_softmax",
    "linalg_matmul": "matmul",
    "mm": "matmul",
    "bmm": "matmul",
    "mv": "matmul",
    "dot": "matmul",
    "__matmul__": "matmul",
    "__rmatmul__": "rmatmul",
    "absolute": "abs",
    "clip": "clamp",
    "negative": "neg",
    "subtract": "sub",
    "__add__": "add",
    "__radd__": "add",
    "__iadd__": "add_",
    "__sub__": "sub",
    "__isub__": "sub_",
    "__rsub__": "rsub",
    "max_pool1d_with_indices": "max_pool1d",
    "max_pool2d_with_indices": "max_pool2d",
    "max_pool3d_with_indices": "max_pool3d",
    "adaptive_max_pool1d_with_indices": "adaptive_max_pool1d",
    "adaptive_max_pool2d_with_indices": "adaptive_max_pool2d",
    "adaptive_max_pool3d_with_indices": "adaptive_max_pool3d",
    "log_sigmoid": "logsigmoid",
    "special_logsumexp": "logsumexp",
    "_to_copy": "to",
}
"""Spellings of one operation. An alias that ends in _ is the in-place form."""


def words(text: str) -> frozenset[str]:
    """The names in a text, as tables of many operations are written."""
    return frozenset(text.split())


@lru_cache(maxsize=4096)
def normalised(function: Function) -> tuple[str, bool]:
    """(name, in place) of a torch function or method."""
    name = getattr(function, "__name__", str(function))
    if name in ("fn", "boolean_dispatch"):  # functional's pools pick one of two bodies at run time
        name = (resolve_name(function) or name).rpartition(".")[2]
    name = name.partition(".")[0]  # exported programs call overloads, such as relu.default
    name = ALIASES.get(name, name)
    in_place = name.endswith("_") and not name.endswith("__")
    if in_place:
        name = ALIASES.get(name.rstrip("_"), name.rstrip("_"))
    return name, in_place


@lru_cache(maxsize=4096)
def is_composite(function: Function) -> bool:
    """Whether `function` is Python of torch's own, made of calls that a mode can see."""
    if not isinstance(function, FunctionType):
        return False
    asks = any(name.startswith("has_torch_function") for name in function.__code__.co_names)
    return asks and function.__module__ in ("torch.nn.functional", "torch.functional")


@lru_cache(maxsize=4096)
def body(function: FunctionType) -> Function:
    """`function` with its override test off, so that its own calls reach the mode one by one."""

    def never(*args: Any, **kwargs: Any) -> bool:
        return False

    seen = dict(function.__globals__)
    for test in ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic"):
        if test in seen:
            seen[test] = never
    twin = FunctionType(
        function.__code__, seen, function.__name__, function.__defaults__, function.__closure__
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin
