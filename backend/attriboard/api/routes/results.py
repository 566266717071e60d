"""Stored results: arrays as safetensors, the same bytes on disk and on the wire."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from attriboard.api.caching import IMMUTABLE, NEVER, not_modified
from attriboard.api.context import SessionOf
from attriboard.api.endpoints import Brief
from attriboard.api.errors import NotFound
from attriboard.api.schemas.common import problems

router = APIRouter(prefix="/api", tags=["attributions"], route_class=Brief)

MEDIA_TYPE = "application/vnd.safetensors"
Key = Annotated[str, Path(max_length=64, description="A result's key.")]
ARRAYS = {
    "description": "One float32 array an input (or `layer`), in one example's shape. The header's "
    "`__metadata__.meta` holds the result's ResultMeta as JSON.",
    "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
}


@router.get(
    "/results/{key}",
    summary="A result's arrays",
    response_class=Response,
    responses={200: ARRAYS, **problems(304, 404, 422)},
)
def read_result(session: SessionOf, request: Request, key: Key) -> Response:
    """A stored result never changes. While its job runs, a snapshot that no cache keeps."""
    if not session.store.has(key):
        snapshot = session.snapshot(key)
        if snapshot is not None:
            return Response(snapshot, headers={"Cache-Control": NEVER}, media_type=MEDIA_TYPE)
    # Where there was no snapshot any more, its job may have stored the result this very moment.
    headers = {"Cache-Control": IMMUTABLE, "ETag": f'"{key}"'}
    known = not_modified(request, headers) if session.store.has(key) else None
    if known is not None:
        return known
    body = session.result(key)
    if body is not None:
        return Response(body, headers=headers, media_type=MEDIA_TYPE)
    raise NotFound(f"No result is stored under {key!r}. Ask for it at POST /api/attributions.")
