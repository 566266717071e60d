"""The built page: index.html, and assets whose names carry a hash of their content."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from attriboard.api.caching import IMMUTABLE, REVALIDATE, etag_of, not_modified
from attriboard.api.errors import NotFound
from attriboard.api.pages import not_built_page

BUILT = Path(__file__).resolve().parent.parent / "static"
# Vite names what it bundles name-<8 characters>.ext; such a file never changes.
HASHED = re.compile(r"-[A-Za-z0-9_-]{8}\.\w+$")
# A machine's own table may call JavaScript text/plain, which nosniff then refuses to run.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("image/svg+xml", ".svg")
mimetypes.add_type("font/woff2", ".woff2")


def is_built(directory: Path = BUILT) -> bool:
    """Whether the front end has been built into `directory`."""
    return (directory / "index.html").is_file()


def router(directory: Path = BUILT) -> APIRouter:
    """Routes of the page. They come last: every other route goes before them."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/", methods=["GET", "HEAD"])
    def index(request: Request) -> Response:
        if not is_built(directory):
            return not_built_page()
        return _file(request, directory / "index.html")

    @routes.api_route("/{path:path}", methods=["GET", "HEAD"])
    def asset(request: Request, path: str) -> Response:
        return _file(request, _find(directory, path))

    return routes


def _find(directory: Path, path: str) -> Path:
    """The asset's file. Only what the build put below `directory` is ever opened."""
    root = directory.resolve()
    try:
        found = (root / path).resolve(strict=True)
    except (OSError, ValueError):  # absent, too long, or a null byte
        found = root
    if found.is_file() and found.is_relative_to(root):
        return found
    raise NotFound(f"There is nothing at /{path}. The routes are listed at /api/openapi.json.")


def _file(request: Request, path: Path) -> Response:
    caching = IMMUTABLE if HASHED.search(path.name) else REVALIDATE
    stat = path.stat()
    headers = {"Cache-Control": caching, "ETag": etag_of(f"{stat.st_mtime_ns}-{stat.st_size}")}
    return not_modified(request, headers) or FileResponse(path, headers=headers)
