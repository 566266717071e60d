"""One small board served to a test client, with every prediction made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from attriboard.api.app import create_app
from attriboard.jobs.session import Session
from tests.api.boards import fusion_board

ADDRESS = "http://127.0.0.1:8321"
READY_SECONDS = 30


@pytest.fixture(scope="package")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A session on a store of its own, with every prediction made."""
    opened = Session(fusion_board(), tmp_path_factory.mktemp("store"))
    opened.start()
    if opened.predict_job is not None:
        assert opened.predict_job.wait(READY_SECONDS)
    yield opened
    opened.close()


@pytest.fixture(scope="package")
def client(session: Session) -> Iterator[TestClient]:
    """A client of the app, as a page on this machine is."""
    with TestClient(create_app(session), base_url=ADDRESS) as opened:
        yield opened


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A folder as the front end's build leaves it."""
    assets = tmp_path / "static" / "assets"
    assets.mkdir(parents=True)
    (assets / "index-B1cD2eF3.js").write_text("export const answer = 42;\n" * 200)
    (assets / "plain.css").write_text("body { margin: 0 }\n")
    index = '<!doctype html><script type="module" src="./assets/index-B1cD2eF3.js"></script>'
    (tmp_path / "static" / "index.html").write_text(index)
    (tmp_path / "secret.txt").write_text("not for the page")
    return tmp_path / "static"
