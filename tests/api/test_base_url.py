"""Below a proxy's path, whether the proxy takes the path off or not."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from attriboard.api.app import base_path, create_app
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.session import Session

ADDRESS = "http://127.0.0.1:8321"


@pytest.fixture
def below(session: Session, page: Path) -> TestClient:
    app = create_app(session, base_url="/tools/board", token="long-enough", static_dir=page)
    client = TestClient(app, base_url=ADDRESS, follow_redirects=False)
    client.headers["Authorization"] = "Bearer long-enough"
    return client


@pytest.mark.parametrize("prefix", ["", "/tools/board"])
@pytest.mark.parametrize("path", ["/", "/healthz", "/api/board", "/assets/index-B1cD2eF3.js"])
def test_every_address_answers_with_and_without_the_prefix(
    below: TestClient, prefix: str, path: str
) -> None:
    assert below.get(prefix + path).status_code == 200


def test_the_prefix_alone_gains_its_slash(below: TestClient) -> None:
    answer = below.get("/tools/board")
    assert answer.status_code == 307
    assert answer.headers["location"] == "/tools/board/"


def test_a_longer_name_is_not_the_prefix(below: TestClient) -> None:
    assert below.get("/tools/boards/healthz").status_code == 404


def test_the_cookie_lives_below_the_prefix(below: TestClient) -> None:
    answer = below.get("/tools/board/?token=long-enough")
    assert answer.status_code == 303
    assert "Path=/tools/board" in answer.headers["set-cookie"]


def test_media_addresses_are_relative(below: TestClient) -> None:
    example = below.get("/tools/board/api/examples/0").json()
    assert example["inputs"][0]["media"] == "api/examples/0/inputs/photo"


@pytest.mark.parametrize(
    ("base_url", "path"),
    [("", ""), ("/", ""), ("board", "/board"), ("/a/b/", "/a/b"), ("https://x.example/b", "/b")],
)
def test_base_urls_are_read(base_url: str, path: str) -> None:
    assert base_path(base_url) == path


@pytest.mark.parametrize("base_url", ["ftp://x/y", "/a?b=c", "/a#b", "https:///x"])
def test_other_base_urls_are_refused(base_url: str) -> None:
    with pytest.raises(InvalidInput, match="base URL") as raised:
        base_path(base_url)
    assert raised.value.field == "base_url"
