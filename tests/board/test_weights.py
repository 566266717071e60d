"""Models as people have them: files of weights, exported programs, an address."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import attriboard as ab
from attriboard import engine
from attriboard.engine import InvalidInput, ModelError

ROWS = torch.arange(24.0).reshape(8, 3) / 10


def net() -> nn.Sequential:
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))


def board(model: Any) -> ab.Board:
    return ab.Board(
        model, list(ROWS), ab.Tabular("row", ["a", "b", "c"]), ab.Classes(["no", "yes"])
    )


@pytest.mark.parametrize("kind", ["safetensors", "pt", "checkpoint", "parallel", "module"])
def test_weights_from_every_kind_of_file(tmp_path: Path, kind: str) -> None:
    source = net()
    state = source.state_dict()
    path = tmp_path / ("weights.safetensors" if kind == "safetensors" else "weights.pt")
    if kind == "safetensors":
        save_file(state, path)
    elif kind == "checkpoint":
        torch.save({"epoch": 3, "state_dict": state}, path)
    elif kind == "parallel":
        torch.save({f"module.{name}": tensor for name, tensor in state.items()}, path)
    else:
        torch.save(source if kind == "module" else state, path)
    if kind == "module":
        with pytest.raises(InvalidInput, match=r"may run any code.*trusted=True"):
            ab.load(net, path)
    for build in (net, net()):
        loaded = ab.load(build, str(path), trusted=kind == "module")
        assert torch.equal(loaded(ROWS), source(ROWS))
        assert not loaded.training


def test_weights_that_do_not_fit_are_said(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    torch.save({"0.weight": torch.zeros(4, 3), "head.weight": torch.zeros(1)}, path)
    with pytest.raises(InvalidInput, match=r"it lacks 0\.bias, .*; the model has no head\.weight"):
        ab.load(net, path)
    torch.save({name: torch.zeros(1) for name in net().state_dict()}, path)
    with pytest.raises(InvalidInput, match=r"(?s)do not fit Sequential: .*size mismatch"):
        ab.load(net, path)
    torch.save({"epoch": 1}, path)
    with pytest.raises(InvalidInput, match="holds no state dict"):
        ab.load(net, path)
    with pytest.raises(InvalidInput, match="cannot be read"):
        ab.load(net, tmp_path / "none.pt")


def test_an_exported_program_is_a_model() -> None:
    source = net().eval()
    rows = {0: torch.export.Dim("rows", min=1, max=4096)}
    program = torch.export.export(source, (ROWS,), dynamic_shapes=(rows,))
    made = board(program)
    assert not made.is_black_box("model")
    model = made.models["model"]
    for method in (engine.FeatureAblation(), engine.IntegratedGradients()):
        ours = engine.attribute(model, ROWS, method, target=1).attributions[0]
        theirs = engine.attribute(source, ROWS, method, target=1).attributions[0]
        torch.testing.assert_close(ours, theirs)


class Answers(BaseHTTPRequestHandler):
    """A model server: the sum of a row for it, and nothing for what it does not like."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, said = self.answer(body)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def answer(self, body: Any) -> tuple[int, Any]:
        if self.path == "/broken":
            return 500, {"detail": "out of memory"}
        if self.path == "/short":
            return 200, {"outputs": [[1.0, 2.0]]}
        if self.path == "/other":
            return 200, {"scores": [[-sum(row), sum(row)] for row in body["rows"]]}
        return 200, {"outputs": [[-sum(row), sum(row)] for row in body["inputs"][0]]}

    def log_message(self, *parts: object) -> None:
        """Nothing: the test's output is not the server's log."""


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_model_behind_an_address_is_a_black_box(address: str) -> None:
    made = board(ab.Endpoint(f"{address}/predict"))
    assert made.is_black_box("model")
    model = made.models["model"]
    found = engine.attribute(model, ROWS, engine.FeatureAblation(), target=1).attributions[0]
    torch.testing.assert_close(found, ROWS)
    assert engine.unavailable(engine.IntegratedGradients, model) is not None


def test_an_address_that_speaks_another_language(address: str) -> None:
    endpoint = ab.Endpoint(
        f"{address}/other",
        encode=lambda rows: {"rows": rows.tolist()},
        decode=lambda answer: answer["scores"],
    )
    torch.testing.assert_close(endpoint(ROWS)[:, 1], ROWS.sum(1))
    with pytest.raises(ModelError, match="Give decode="):
        ab.Endpoint(f"{address}/other", encode=lambda rows: {"rows": rows.tolist()})(ROWS)


@pytest.mark.parametrize(
    ("path", "said"), [("broken", "answered 500: .*out of memory"), ("short", "one row of scores")]
)
def test_an_address_that_fails_is_said(address: str, path: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        ab.Endpoint(f"{address}/{path}")(ROWS)
    with pytest.raises(ModelError, match="gave no answer"):
        ab.Endpoint("http://127.0.0.1:9/", seconds=2)(ROWS)
    with pytest.raises(ModelError, match="must begin with"):
        ab.Endpoint("file:///etc/passwd")
