"""How the API's functions run: in threads that answer, and do not go on computing."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from fastapi.routing import APIRoute

from attriboard.jobs.teams import disband


class Brief(APIRoute):
    """A route whose thread keeps no helpers once it has answered.

    To read an example is to compute, if only to scale a picture, and the server's threads live on.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:
        brief = endpoint if inspect.iscoroutinefunction(endpoint) else _brief(endpoint)
        super().__init__(path, brief, **kwargs)


def _brief(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(endpoint)
    def answer(*args: Any, **kwargs: Any) -> Any:
        try:
            return endpoint(*args, **kwargs)
        finally:
            disband()

    # FastAPI would look for the names of its annotations in this file.
    answer.__signature__ = inspect.signature(endpoint, eval_str=True)  # type: ignore[attr-defined]
    return answer
