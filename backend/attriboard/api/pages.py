"""The few pages the server writes itself: no front end built, no token given."""

from __future__ import annotations

import html
from http import HTTPStatus

from starlette.responses import HTMLResponse

# No style: the content-security policy allows none inline, and a browser's own is readable.
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{title}</title></head>
<body><main><h1>{title}</h1>{body}</main></body>
</html>
"""


def page(title: str, *paragraphs: str, status: int = HTTPStatus.OK) -> HTMLResponse:
    """A plain page of text. The text is escaped; nothing in it becomes HTML."""
    body = "".join(f"<p>{html.escape(text)}</p>" for text in paragraphs)
    content = PAGE.format(title=html.escape(title), body=body)
    return HTMLResponse(content, status, {"Cache-Control": "no-store"})


def token_page() -> HTMLResponse:
    """Shown at the page's address when the token is missing or wrong."""
    return page(
        "This board asks for its token",
        "Open the link that the terminal printed when AttriBoard was started: "
        "it ends in ?token= and the token.",
        status=HTTPStatus.UNAUTHORIZED,
    )


def not_built_page() -> HTMLResponse:
    """Shown at the page's address when the front end was never built."""
    return page(
        "The page is not built yet",
        "The server and its API run, but the front end has not been built.",
        "Run `make demo` in AttriBoard's folder, or `npm ci && npm run build` in its frontend "
        "folder, then reload this page.",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
    )
