"""The page and its assets: caching, content types, and nothing outside the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from attriboard.api.app import create_app
from attriboard.jobs.session import Session

ADDRESS = "http://127.0.0.1:8321"


@pytest.fixture
def built(session: Session, page: Path) -> TestClient:
    return TestClient(create_app(session, static_dir=page), base_url=ADDRESS)


def test_the_page_is_asked_for_again_each_time(built: TestClient) -> None:
    answer = built.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "private, no-cache"
    again = built.get("/", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == answer.headers["etag"]


def test_hashed_assets_are_kept_for_good(built: TestClient) -> None:
    answer = built.get("/assets/index-B1cD2eF3.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" not in built.get("/assets/plain.css").headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/assets",
        "/assets/",
        "/a%00b",
        "/" + "a" * 5000,
    ],
)
def test_nothing_else_is_served(built: TestClient, path: str) -> None:
    answer = built.get(ADDRESS + path)
    assert answer.status_code == 404
    assert "not for the page" not in answer.text
    assert answer.json()["type"] == "urn:attriboard:problem:not-found"


def test_a_link_out_of_the_folder_is_not_followed(built: TestClient, page: Path) -> None:
    (page / "assets" / "out.txt").symlink_to(page.parent / "secret.txt")
    assert built.get("/assets/out.txt").status_code == 404


def test_an_unbuilt_page_says_how_to_build_it(session: Session, tmp_path: Path) -> None:
    client = TestClient(create_app(session, static_dir=tmp_path / "none"), base_url=ADDRESS)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "make demo" in answer.text
    assert "npm run build" in answer.text
    assert client.get("/healthz").status_code == 200
