"""Who may talk to the server: Host, Origin and token checks, and the headers that guard the page.

The server listens on loopback unless told otherwise, and then a token is required. A page of
another site can reach a loopback server in two ways, and each has its check: by rebinding its own
name to 127.0.0.1 (the Host header still carries that name) and by sending a write across sites
(the Origin header names the sender).
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from attriboard.api.errors import Refused, problem_of
from attriboard.api.guesses import Guesses
from attriboard.api.pages import token_page
from attriboard.engine.errors import InvalidInput

TOKEN_BYTES = 24
SHORTEST_TOKEN = 8
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# A liveness probe has no token, and learns nothing but that the server lives.
OPEN_PATHS = frozenset({"/healthz"})
COOKIE_SECONDS = 30 * 24 * 3600


def new_token() -> str:
    """A token nobody guesses: 192 random bits, safe in an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Access:
    """The rules of one server.

    `token`: None where none is asked for. `allow_hosts`: names (or name:port) the Host header may
    carry besides localhost and addresses; "*" allows any. `cookie_path`: where the page lives.
    """

    token: str | None = None
    allow_hosts: frozenset[str] = frozenset()
    cookie_path: str = "/"

    def __post_init__(self) -> None:
        if self.token is not None and len(self.token) < SHORTEST_TOKEN:
            raise InvalidInput(
                f"The token is too short to protect anything: give at least {SHORTEST_TOKEN} "
                "characters, or leave it out and one is made.",
                "token",
            )

    @property
    def cookie(self) -> str:
        """The cookie's name. Ports share cookies, so each token has a cookie of its own."""
        return "attriboard-" + hashlib.sha256((self.token or "").encode()).hexdigest()[:12]

    def check_host(self, request: Request) -> None:
        """Raises Refused where the Host header carries a name this server does not go by."""
        host = request.headers.get("host", "")
        if self._knows(host):
            return
        raise Refused(
            f"This server does not go by the name {_hostname(host) or '(none)'!r}. If that name is "
            f"yours, start it with --allow-host {_hostname(host) or 'NAME'}.",
            status=HTTPStatus.FORBIDDEN,
            type="host-refused",
            title="Host not allowed",
        )

    def check_origin(self, request: Request) -> None:
        """Raises Refused where a page of another site sends a write."""
        if request.method in SAFE_METHODS or self._same_site(request):
            return
        raise Refused(
            "Changes are taken from AttriBoard's own page only, not from other sites. Behind a "
            "proxy, start the server with --allow-host and the proxy's name.",
            status=HTTPStatus.FORBIDDEN,
            type="origin-refused",
            title="Cross-origin request refused",
        )

    def check_token(self, request: Request) -> None:
        """Raises Refused where a token is required and the request does not carry it."""
        if self.token is None or request.scope["path"] in OPEN_PATHS:
            return
        if not any(self._is_token(text) for text in self._given(request)):
            raise Refused(
                "This board asks for its token. Open the link the terminal printed, or send "
                "the header Authorization: Bearer TOKEN.",
                status=HTTPStatus.UNAUTHORIZED,
                type="token-required",
                title="Token required",
            )

    def carries_token(self, request: Request) -> bool:
        """Whether the request tries one, right or wrong."""
        return self.token is not None and any(self._given(request))

    def signed_in(self, request: Request) -> bool:
        """Whether the request comes from a browser that opened the link."""
        return self.token is not None and self._is_token(request.cookies.get(self.cookie, ""))

    def _given(self, request: Request) -> tuple[str, ...]:
        return (
            request.cookies.get(self.cookie, ""),
            request.headers.get("authorization", "").removeprefix("Bearer "),
            request.query_params.get("token", ""),
        )

    def sign_in(self, request: Request) -> Response | None:
        """The first link: keeps the token in a cookie and takes it out of the address."""
        if self.token is None or request.method != "GET" or "token" not in request.query_params:
            return None
        if request.scope["path"] != "/":
            return None
        rest = [pair for pair in request.query_params.multi_items() if pair[0] != "token"]
        # A relative address works behind any proxy path.
        response = RedirectResponse(f"?{urlencode(rest)}" if rest else "./", HTTPStatus.SEE_OTHER)
        response.set_cookie(
            self.cookie,
            self.token,
            max_age=COOKIE_SECONDS,
            path=self.cookie_path,
            secure=_is_https(request),
            httponly=True,
            samesite="strict",
        )
        return response

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), (self.token or "").encode())

    def _knows(self, host: str) -> bool:
        name = _hostname(host)
        # A rebound name is never an address, so an address in the header is as typed by a person.
        return (
            name == "localhost"
            or name.endswith(".localhost")
            or _is_address(name)
            or bool(self.allow_hosts & {name, host.lower(), "*"})
        )

    def _same_site(self, request: Request) -> bool:
        origin = request.headers.get("origin")
        if origin is None:  # not a browser, or one that says where the request comes from:
            return request.headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
        sender = urlsplit(origin).netloc.lower()
        if sender == request.headers.get("host", "").lower() and sender:
            return True
        return bool(self.allow_hosts & {_hostname(sender), sender}) and bool(sender)


class Guard:
    """ASGI middleware: answers what `access` refuses, and signs the first link in."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access
        self.guesses = Guesses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = self._answer(Request(scope))
        await (answer or self.app)(_without_token(scope), receive, send)

    def _answer(self, request: Request) -> Response | None:
        try:
            self.access.check_host(request)
            self.access.check_origin(request)
            self._check_token(request)
        except Refused as refused:
            return _refusal(request, refused)
        return self.access.sign_in(request)

    def _check_token(self, request: Request) -> None:
        """Whoever signed in is let in, so that nobody can lock another out behind a proxy.

        Nobody guesses through cookies: their name is made from the token too.
        """
        if self.access.signed_in(request):
            return
        address = request.client.host if request.client else ""
        if self.access.carries_token(request) and (wait := self.guesses.wait(address)):
            raise _too_many(wait)
        try:
            self.access.check_token(request)
        except Refused:
            if self.access.carries_token(request):
                self.guesses.wrong(address)
            raise


class SecurityHeaders:
    """ASGI middleware: a strict content-security policy and its companions on every response."""

    def __init__(self, app: ASGIApp, frame_ancestors: Sequence[str] = ("'self'",)) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": content_security_policy(frame_ancestors),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_guarded)


def content_security_policy(frame_ancestors: Sequence[str] = ("'self'",)) -> str:
    """The page may load from its own server alone, and runs no inline script or style."""
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob:",
        "connect-src": "'self'",
        "font-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": " ".join(frame_ancestors),
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _too_many(wait: int) -> Refused:
    return Refused(
        f"Too many wrong tokens came from this address. Try again in {wait} seconds.",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        type="too-many-tokens",
        title="Too many wrong tokens",
        retry_after=wait,
    )


def _refusal(request: Request, refused: Refused) -> Response:
    wants_page = request.scope["path"] == "/" and "text/html" in request.headers.get("accept", "")
    if refused.type == "token-required" and wants_page:
        return token_page()
    response = problem_of(refused)
    if refused.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _without_token(scope: Scope) -> Scope:
    """The scope as routes see it: the token is no parameter of theirs."""
    if b"token=" not in scope["query_string"]:
        return scope
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    rest = urlencode([pair for pair in pairs if pair[0] != "token"])
    return {**scope, "query_string": rest.encode("latin-1")}


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_https(request: Request) -> bool:
    forwarded = request.headers.get("x-forwarded-proto", "")
    return request.url.scheme == "https" or forwarded == "https"
