"""Exports: files that hold what the engine gives, whole, resumed, and read without AttriBoard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from safetensors.numpy import load_file

from attriboard import engine
from attriboard.catalog import Query
from attriboard.engine.errors import InvalidInput
from attriboard.jobs import export
from attriboard.jobs.executors import Local
from attriboard.jobs.export_plan import ExportRequest
from attriboard.jobs.job import Job
from attriboard.jobs.session import Session
from attriboard.jobs.shards import ExportError
from attriboard.jobs.sweep_plan import SweepRequest
from tests.jobs.boards import SIZE, Fusion, Questions, Watch, board
from tests.jobs.conftest import SECONDS, Open, ask

ALL = Query()
PLENTY = 10**9
TWO = ExportRequest(methods=[("IntegratedGradients", {"n_steps": 8}), ("Saliency", {})])


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "SHARD", 7)


def _ready(session: Session) -> Session:
    job = session.start()
    assert job is None or job.wait(SECONDS)
    return session


def _written(
    session: Session, out: Path, request: ExportRequest = TWO, query: Query = ALL
) -> dict[str, Any]:
    job = session.export(query, request, out, PLENTY)
    assert job.wait(SECONDS)
    assert job.state == "done", job.failure
    found: dict[str, Any] = json.loads((out / "manifest.json").read_text())
    return found


def _read(out: Path, files: str) -> list[dict[str, Any]]:
    found = duckdb.execute(f"SELECT * FROM read_parquet('{out}/{files}') ORDER BY \"index\"")
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _files(out: Path) -> Sequence[str]:
    return sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())


def test_files_hold_what_one_example_alone_gives(session: Session, tmp_path: Path) -> None:
    manifest = _written(_ready(session), tmp_path)
    assert manifest["complete"]
    model = session.board.models["model"]
    folder = next(p["folder"] for p in manifest["parts"] if "Integrated" in p["folder"])
    rows = _read(tmp_path, f"{folder}/*.parquet")
    assert [row["index"] for row in rows] == list(range(SIZE))
    arrays = {
        name: array
        for shard in manifest["shards"][folder]
        for file in shard["files"]
        if file.endswith(".safetensors")
        for name, array in load_file(tmp_path / file).items()
    }
    assert len(arrays) == 2 * SIZE
    for index in range(6):
        example = session.board.example(index)
        tensors = session.board.tensors([example])
        target = int(engine.predict(model, tensors).argmax())
        alone = engine.attribute(
            model,
            tensors,
            engine.IntegratedGradients(n_steps=8),
            target,
            baselines=session.board.baseline(None, example, 0),
        )
        assert rows[index]["target"] == target
        assert rows[index]["score"] == pytest.approx(float(alone.score[0]), abs=1e-5)
        assert rows[index]["delta"] == pytest.approx(float(alone.delta[0]), abs=1e-5)
        share = engine.magnitude(alone.attributions)[0, 0]
        assert rows[index]["magnitude.photo"] == pytest.approx(float(share), abs=1e-5)
        for name, attribution in zip(("photo", "question"), alone.attributions, strict=True):
            found = arrays[f"{name}/{index}"]
            assert found == pytest.approx(attribution[0].numpy(), abs=1e-5)


def test_tables_say_who_the_examples_are(session: Session, tmp_path: Path) -> None:
    manifest = _written(_ready(session), tmp_path)
    examples = _read(tmp_path, "examples.parquet")
    said = _read(tmp_path, manifest["predictions"]["model"])
    items = session.catalog.rows(list(range(SIZE)))
    for row, answer, item in zip(examples, said, items, strict=True):
        assert row["label_name"] == item["label_name"]
        assert row["question"] == item["texts"]["question"]
        assert row["place"] == item["metadata"]["place"]
        assert answer["predicted_name"] == item["predicted_name"]
        assert answer["score"] == pytest.approx(item["score"])
    shares = _read(tmp_path, "model/contributions/*.parquet")
    assert all(
        row["share.photo"] + row["share.question"] == pytest.approx(1, abs=1e-5) for row in shares
    )


def test_a_stopped_export_goes_on_to_the_same_manifest(open_session: Open, tmp_path: Path) -> None:
    whole = _written(_ready(open_session(board())), tmp_path / "whole")
    watch = Watch(seconds=0.002)
    session = _ready(open_session(board(watch=watch)))
    out = tmp_path / "stopped"
    for _ in range(2):
        before = len(_files(out)) if out.exists() else 0
        job = session.export(ALL, TWO, out, PLENTY)
        while not out.exists() or len(_files(out)) <= before + 1:
            assert not job.wait(0.01)
        job.cancel()
        assert job.wait(SECONDS)
        assert job.state == "cancelled"
        assert not json.loads((out / "manifest.json").read_text())["complete"]
    kept = {name: (out / name).stat().st_mtime_ns for name in _files(out) if "/" in name}
    assert kept
    assert _written(session, out) == whole
    assert (out / "manifest.json").read_bytes() == (tmp_path / "whole/manifest.json").read_bytes()
    assert _files(out) == _files(tmp_path / "whole")
    done = [name for name in kept if not name.endswith(".part") and name.endswith(".parquet")]
    assert all((out / name).stat().st_mtime_ns == kept[name] for name in done)


def test_metrics_stand_in_the_table_as_trust_shows_them(session: Session, tmp_path: Path) -> None:
    request = ExportRequest(
        methods=[("Saliency", {})], contributions=False, metrics=("deletion", "infidelity")
    )
    manifest = _written(_ready(session), tmp_path, request, Query(where="index < 9"))
    assert manifest["parts"][0]["metrics"] == ["infidelity", "deletion"]
    rows = _read(tmp_path, "model/Saliency/*.parquet")
    for row in rows[:4]:
        found = session.measurements(ask((row["index"],)), ("infidelity", "deletion"))
        assert isinstance(found, Job)
        assert found.wait(SECONDS)
        [measured] = [meta["metrics"] for meta in found.results]
        assert row["infidelity"] == pytest.approx(measured["infidelity"], rel=1e-4)
        assert row["deletion"] == pytest.approx(measured["deletion"]["auc"], rel=1e-4)
        assert row["deletion_control"] == pytest.approx(measured["deletion"]["control"], rel=1e-4)
    assert "insertion" not in rows[0]


def test_an_export_opens_as_columns_of_the_dashboard(
    session: Session, open_session: Open, tmp_path: Path
) -> None:
    request = ExportRequest(
        methods=[("Saliency", {}), ("IntegratedGradients", {"n_steps": 4})], metrics=("deletion",)
    )
    _written(_ready(session), tmp_path, request, Query(where="index < 9"))
    other = _ready(open_session(board()))
    columns = other.open_export(tmp_path)
    assert {"share.photo", "net.photo.Saliency", "delta.Saliency", "deletion.Saliency"} <= {
        *columns
    }
    assert other.catalog.page(Query(where="share.photo < 2")).total == 9
    rows = _read(tmp_path, "model/Saliency/*.parquet")
    items = other.catalog.rows(range(9))
    for row, item in zip(rows, items, strict=True):
        assert item["computed"]["deletion.Saliency"] == row["deletion"]
        assert item["computed"]["net.photo.Saliency"] == row["net.photo"]
    # What the sweep of the dashboard would compute is there already.
    state = other.sweeps.state(Query(where="index < 9"), SweepRequest(method_id="Saliency"))
    assert state.lacking == 0
    with pytest.raises(InvalidInput, match="other weights"):
        open_session(board(Fusion(Watch(), 5))).open_export(tmp_path)
    with pytest.raises(InvalidInput, match="other data"):
        open_session(board(dataset=Questions(30))).open_export(tmp_path)
    with pytest.raises(InvalidInput, match="no export"):
        other.open_export(tmp_path / "nowhere")


def test_every_seat_computes_and_the_files_are_the_same(tmp_path: Path) -> None:
    watches = [Watch(seconds=0.004), Watch(seconds=0.004)]
    manifests = []
    for seats, watch in enumerate(watches, 1):
        on = board(watch=watch)
        session = Session(on, None, executor=Local(on.models, seats))
        _ready(session)
        manifests.append(_written(session, tmp_path / str(seats)))
        session.close()
    assert manifests[0] == manifests[1]
    one, two = (_read(tmp_path / str(seats), "model/Saliency/*.parquet") for seats in (1, 2))
    for a, b in zip(one, two, strict=True):
        assert a == pytest.approx(b, abs=1e-6)


def test_a_whole_export_computes_nothing(session: Session, watch: Watch, tmp_path: Path) -> None:
    _written(_ready(session), tmp_path)
    before = watch.rows
    _written(session, tmp_path)
    assert watch.rows == before


def test_checksums_are_those_of_the_files(session: Session, tmp_path: Path) -> None:
    import hashlib

    _written(_ready(session), tmp_path, query=Query(where="index < 9"))
    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    assert len(lines) == len(_files(tmp_path)) - 1
    for line in lines:
        sum_, name = line.split("  ")
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == sum_


def test_an_example_that_fails_is_a_row_with_its_reason(open_session: Open, tmp_path: Path) -> None:
    broken = Questions(60, broken={41: "The disk is gone."})
    session = _ready(open_session(board(dataset=broken)))
    request = ExportRequest(methods=[("Saliency", {})], contributions=False)
    _written(session, tmp_path, request, Query(where="index >= 36 and index < 50"))
    rows = _read(tmp_path, "model/Saliency/*.parquet")
    failed = [row for row in rows if row["error"]]
    assert [row["index"] for row in failed] == [41]
    assert "The disk is gone." in failed[0]["error"]
    assert failed[0]["net.photo"] is None


def test_what_cannot_be_written_is_said(session: Session, tmp_path: Path) -> None:
    _ready(session)
    with pytest.raises(ExportError, match="--budget"):
        session.export(ALL, TWO, tmp_path / "small", 1000)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("do not touch")
    with pytest.raises(ExportError, match="other files"):
        session.export(ALL, TWO, tmp_path / "mine", PLENTY)
    _written(session, tmp_path / "one", ExportRequest(methods=[("Saliency", {})]))
    with pytest.raises(ExportError, match="another export"):
        session.export(ALL, TWO, tmp_path / "one", PLENTY)


@pytest.mark.parametrize(
    ("request_", "query", "field"),
    [
        (ExportRequest(contributions=False), ALL, "method"),
        (TWO, Query(where="index > 1000"), "where"),
        (ExportRequest(methods=[("Salience", {})]), ALL, "method.id"),
        (ExportRequest(models=("nobody",)), ALL, "model"),
        (ExportRequest(metrics=("beauty",)), ALL, "metrics"),
    ],
)
def test_what_is_wrong_is_named(
    session: Session, tmp_path: Path, request_: ExportRequest, query: Query, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        session.export(query, request_, tmp_path, PLENTY)
    assert (caught.value.field or "").startswith(field.split(".")[0])


def test_models_have_folders_of_their_own(open_session: Open, tmp_path: Path) -> None:
    both = {"first": Fusion(Watch(), 0), "second/ö": Fusion(Watch(), 1)}
    manifest = _written(_ready(open_session(board(both))), tmp_path, ExportRequest())
    folders = [part["folder"] for part in manifest["parts"]]
    assert folders[0] == "first/contributions"
    assert folders[1].startswith("second_-")
    rows = [_read(tmp_path, f"{folder}/*.parquet")[0]["shapley.photo"] for folder in folders]
    assert rows[0] != rows[1]
