"""Host, Origin and token checks, and the headers on every response."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from attriboard.api.app import create_app
from attriboard.api.security import Access, content_security_policy, is_loopback, new_token
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.session import Session

TOKEN = "correct-horse-battery"
ADDRESS = "http://127.0.0.1:8321"
PUT = {"examples": [1, 2]}


@pytest.fixture
def guarded(session: Session, page: Path) -> TestClient:
    """A client without a token on a server that asks for one."""
    app = create_app(session, token=TOKEN, static_dir=page)
    return TestClient(app, base_url=ADDRESS, follow_redirects=False)


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8321", "127.0.0.1:9", "[::1]:8321", "192.168.1.7", "a.localhost"],
)
def test_own_hosts_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8321",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
        "[",
    ],
)
def test_a_rebound_host_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/api/board", headers={"Host": host})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert "--allow-host" in answer.json()["detail"]


def test_allowed_hosts_are_answered(session: Session) -> None:
    client = TestClient(create_app(session, allow_hosts=["Box.example"]), base_url=ADDRESS)
    assert client.get("/healthz", headers={"Host": "box.example:443"}).status_code == 200
    assert client.get("/healthz", headers={"Host": "other.example"}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:3000"},
        {"Origin": "http://localhost:8321"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_writes_from_other_sites_are_refused(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.put("/api/selection", json=PUT, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:attriboard:problem:origin-refused"


@pytest.mark.parametrize("headers", [{}, {"Origin": ADDRESS}, {"Sec-Fetch-Site": "same-origin"}])
def test_own_writes_are_taken(client: TestClient, headers: dict[str, str]) -> None:
    assert client.put("/api/selection", json=PUT, headers=headers).status_code == 200


def test_a_proxys_origin_is_taken_where_it_is_allowed(session: Session) -> None:
    app = create_app(session, base_url="https://box.example/board")
    client = TestClient(app, base_url=ADDRESS)
    headers = {"Origin": "https://box.example"}
    assert client.put("/api/selection", json=PUT, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/api/board", "/metrics", "/api/openapi.json", "/api/results/x"])
def test_nothing_is_told_without_the_token(guarded: TestClient, path: str) -> None:
    answer = guarded.get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text


def test_liveness_needs_no_token(guarded: TestClient) -> None:
    assert guarded.get("/healthz").status_code == 200


@pytest.mark.parametrize("given", ["", "wrong", TOKEN[:-1], TOKEN + "x", "é"])
def test_a_wrong_token_is_refused(guarded: TestClient, given: str) -> None:
    assert guarded.get("/api/board", params={"token": given}).status_code == 401
    headers = {"Authorization": f"Bearer {given}".encode()}
    assert guarded.get("/api/board", headers=headers).status_code == 401


def test_the_token_is_taken_as_header_and_as_parameter(guarded: TestClient) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert guarded.get("/api/board", headers=bearer).status_code == 200
    found = guarded.get("/api/examples", params={"token": TOKEN, "limit": 3})
    assert found.status_code == 200
    assert len(found.json()["items"]) == 3


def test_the_first_link_leaves_a_cookie_and_no_token_in_the_address(guarded: TestClient) -> None:
    answer = guarded.get("/", params={"token": TOKEN, "method": "Saliency"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "?method=Saliency"
    cookie = answer.headers["set-cookie"]
    assert re.search(r"HttpOnly", cookie)
    assert re.search(r"SameSite=strict", cookie)
    assert "Secure" not in cookie
    assert guarded.get("/api/board").status_code == 200
    assert guarded.get("/").status_code == 200


def test_the_cookie_is_secure_behind_tls(guarded: TestClient) -> None:
    answer = guarded.get("/", params={"token": TOKEN}, headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["location"] == "./"
    assert "Secure" in answer.headers["set-cookie"]


def test_a_wrong_token_leaves_no_cookie(guarded: TestClient) -> None:
    answer = guarded.get("/", params={"token": "wrong"}, headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "asks for its token" in answer.text


def test_two_servers_on_one_host_keep_two_cookies() -> None:
    assert Access("token-number-one").cookie != Access("token-number-two").cookie


def test_short_tokens_are_refused_and_made_ones_are_long() -> None:
    with pytest.raises(InvalidInput, match="too short") as raised:
        Access("short")
    assert raised.value.field == "token"
    assert len(new_token()) >= 32
    assert new_token() != new_token()


@pytest.mark.parametrize("path", ["/", "/api/board", "/api/nothing", "/healthz"])
def test_every_response_carries_the_guarding_headers(
    session: Session, page: Path, path: str
) -> None:
    client = TestClient(create_app(session, static_dir=page), base_url=ADDRESS)
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'self'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_notebooks_may_frame_the_page_when_told_so() -> None:
    policy = content_security_policy(("'self'", "http://localhost:*"))
    assert policy.endswith("frame-ancestors 'self' http://localhost:*")


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("box", False)],
)
def test_loopback_is_told_from_other_addresses(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_wrong_tokens_are_counted_and_the_signed_in_are_let_in(guarded: TestClient) -> None:
    signed_in = TestClient(guarded.app, base_url=ADDRESS)
    assert signed_in.get("/", params={"token": TOKEN}).status_code == 200
    for number in range(20):
        assert guarded.get("/api/board", params={"token": f"guess {number}"}).status_code == 401
    right = guarded.get("/api/board", headers={"Authorization": f"Bearer {TOKEN}"})
    assert right.status_code == 429  # else the guesses would go on unseen
    assert 0 < int(right.headers["Retry-After"]) <= 60
    assert "Too many wrong tokens" in right.json()["title"]
    assert guarded.get("/api/board").status_code == 401  # no guess
    assert signed_in.get("/api/board").status_code == 200


def test_a_deeply_nested_body_is_refused_in_words(client: TestClient) -> None:
    for nested in ("[" * 50_000 + "]" * 50_000, '{"a":' * 50_000 + "1" + "}" * 50_000):
        answer = client.post("/api/attributions", content=nested)
        assert answer.status_code in {400, 422}
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.text) < 2_000
