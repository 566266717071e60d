"""JSON as browsers read it: numbers that are not finite become null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response


def encode(value: Any) -> str:
    """Compact JSON. A model may answer NaN or infinity, which JSON cannot say: they are null."""
    try:
        return _dumps(value)
    except ValueError:
        return _dumps(finite(value))


def finite(value: Any) -> Any:
    """The value with null in place of each number that is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: finite(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [finite(member) for member in value]
    return value


def json_response(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON response that no cache keeps, unless `headers` say otherwise."""
    content = encode(value).encode("utf-8", "replace")
    merged = {"Cache-Control": "no-store", **(headers or {})}
    return Response(content, status, merged, "application/json")


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
