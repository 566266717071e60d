"""ETags and Cache-Control: what a browser keeps, and when it asks again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

# Content that never changes under its address. Private: a board's data is not a proxy's to keep.
IMMUTABLE = "private, max-age=31536000, immutable"
# Kept, and asked for again each time: the answer is a 304 when nothing changed.
REVALIDATE = "private, no-cache"
NEVER = "no-store"


def etag_of(*parts: str | bytes) -> str:
    """A strong entity tag that changes when any of the parts does."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return f'"{digest.hexdigest()[:32]}"'


def not_modified(request: Request, headers: Mapping[str, str]) -> Response | None:
    """A 304 where the request already holds the entity of `headers["ETag"]`, else None."""
    asked = request.headers.get("if-none-match")
    if asked is None:
        return None
    held = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
    if held & {headers["ETag"], "*"}:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=dict(headers))
    return None
