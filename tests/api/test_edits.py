"""Examples of one's own over HTTP."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from attriboard.api.app import create_app
from attriboard.api.middleware import BODY_LIMITS
from attriboard.jobs.session import Session
from tests.api.boards import SIZE, fusion_board
from tests.api.conftest import ADDRESS


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A client of a server of its own: what is made here is no one else's."""
    session = Session(fusion_board(), tmp_path)
    with TestClient(create_app(session), base_url=ADDRESS) as opened:
        yield opened
    session.close()


def test_tagged_noted_and_forgotten_with_the_example(client: TestClient):
    made = client.post("/api/edits", json={"parent": 3, "inputs": {"question": "tell me a shape"}})
    index = made.json()["index"]
    tags = client.post("/api/tags", json={"examples": [index, 4], "add": ["odd"]}).json()["tags"]
    assert tags == [{"value": "odd", "name": "odd", "count": 2}]
    said = client.put(f"/api/examples/{index}/note", json={"note": "why?"})
    assert said.json() == {"tags": ["odd"], "note": "why?"}
    (item,) = client.get("/api/examples", params={"own": True, "tag": "odd"}).json()["items"]
    assert (item["index"], item["tags"], item["note"]) == (index, ["odd"], "why?")
    assert client.delete(f"/api/edits/{index}").status_code == 200
    assert client.get("/api/tags").json()["tags"][0]["count"] == 1


def png(colour: tuple[int, int, int], side: int = 8) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def test_made_read_explained_and_removed(client: TestClient):
    body = {"parent": 3, "inputs": {"question": "tell me a shape"}}
    made = client.post("/api/edits", json=body)
    assert made.status_code == 201
    index = made.json()["index"]
    assert index >= SIZE
    assert made.headers["location"] == f"examples/{index}"
    edit = made.json()["edit"]
    assert edit["origin"] == 3
    assert edit["changed"] == ["question"]
    assert edit["role"] == "edit"
    again = client.post("/api/edits", json=body)
    assert again.status_code == 200
    assert again.json()["index"] == index
    assert client.get(f"/api/examples/{index}").json()["edit"] == edit
    assert client.get("/api/examples/3").json()["edit"] is None
    listed = client.get("/api/edits").json()["edits"]
    assert listed[0]["index"] == index
    assert listed[0]["texts"] == {"question": "tell me a shape"}
    asked = {"examples": [index], "method": {"id": "Saliency", "params": {}}}
    assert client.post("/api/attributions", json=asked).status_code in (200, 202)
    left = client.delete(f"/api/edits/{index}").json()["edits"]
    assert index not in [one["index"] for one in left]
    gone = client.get(f"/api/examples/{index}")
    assert gone.status_code == 422
    assert "removed" in gone.json()["detail"]


def test_a_picture_of_ones_own_is_served(client: TestClient):
    photo = {"file": png((10, 200, 30), side=40)}
    made = client.post("/api/edits", json={"parent": 2, "inputs": {"photo": photo}}).json()
    media = client.get(f"/api/examples/{made['index']}/inputs/photo")
    with Image.open(io.BytesIO(media.content)) as image:
        assert image.size == (8, 8)
        assert image.getpixel((4, 4)) == (10, 200, 30)


def test_its_address_tells_contents_apart(client: TestClient):
    tags = set()
    for colour in ((1, 2, 3), (4, 5, 6)):
        body = {"parent": 2, "inputs": {"photo": {"file": png(colour)}}}
        index = client.post("/api/edits", json=body).json()["index"]
        tags.add(client.get(f"/api/examples/{index}/inputs/photo").headers["etag"])
    assert len(tags) == 2


def test_problems_name_the_field(client: TestClient):
    cases = {
        "inputs.question": {"parent": 3, "inputs": {"question": 5}},
        "inputs.photo": {"parent": 3, "inputs": {"photo": {"file": "/etc/passwd"}}},
        "inputs": {"parent": 3, "inputs": {}},
        "path": {"parent": 3, "inputs": {"question": "it"}, "path": "/etc/passwd"},
    }
    for field, body in cases.items():
        answer = client.post("/api/edits", json=body)
        assert answer.status_code == 422, body
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["field"] in (field, f"body.{field}"), answer.json()
    assert (
        client.post("/api/edits", json={"parent": 10**9, "inputs": {"question": "it"}}).json()[
            "status"
        ]
        == 404
    )
    assert client.delete("/api/edits/3").status_code == 404


def test_the_body_has_a_limit_of_its_own(client: TestClient):
    large = {"parent": 3, "inputs": {"photo": {"file": "A" * BODY_LIMITS["/api/edits"]}}}
    assert client.post("/api/edits", json=large).status_code == 413
    other = {"examples": [0], "method": {"id": "A" * 1_100_000}}
    assert client.post("/api/attributions", json=other).status_code == 413


def test_another_site_cannot_make_one(client: TestClient):
    body = {"parent": 3, "inputs": {"question": "is it a colour"}}
    answer = client.post("/api/edits", json=body, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
