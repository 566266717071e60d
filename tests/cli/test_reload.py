"""serve --reload: a changed board file or checkpoint is served anew, at the same address."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from attriboard.cli import reload
from tests.browser.server import free_port

SOON = 90.0
BOARD = """
from pathlib import Path
import torch
from torch import nn
import attriboard as ab

model = nn.Sequential(nn.Flatten(), nn.Linear(48, 2))
weights = Path(__file__).parent / "weights.pt"
if weights.exists():
    model.load_state_dict(torch.load(weights, weights_only=True))
data = [(torch.full((3, 4, 4), i / 6), i % 2) for i in range(6)]
board = ab.Board(model, data, ab.Image("photo"), ab.Classes(["no", "yes"]), name="NAME")
"""


class Served:
    """A board served with --reload from a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log.txt"
        self.port = free_port()
        self.write("First")
        command = [sys.executable, "-m", "attriboard.cli", "serve", str(folder / "mine.py")]
        command += ["--reload", "--no-open", "--port", str(self.port)]
        command += ["--store", str(folder / "store")]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )

    def write(self, name: str) -> None:
        (self.folder / "mine.py").write_text(BOARD.replace("NAME", name))

    def board(self) -> dict[str, Any] | None:
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}/api/board", trust_env=False)
        except httpx.TransportError:
            return None
        found: dict[str, Any] = answer.json()
        return found

    def wait_for(self, found: Any) -> dict[str, Any]:
        deadline = time.monotonic() + SOON
        while time.monotonic() < deadline:
            board = self.board()
            if board is not None and found(board):
                return board
            time.sleep(0.2)
        raise AssertionError(self.log.read_text()[-2000:])

    def wait_for_log(self, text: str) -> None:
        deadline = time.monotonic() + SOON
        while text not in self.log.read_text():
            assert time.monotonic() < deadline, self.log.read_text()[-2000:]
            time.sleep(0.2)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    yield made
    os.killpg(made.process.pid, signal.SIGINT)
    try:
        made.process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(made.process.pid, signal.SIGKILL)
        made.process.wait()


def test_changed_code_a_mistake_and_changed_weights_are_followed(served: Served) -> None:
    first = served.wait_for(lambda board: board["name"] == "First")
    served.write("Second")
    served.wait_for(lambda board: board["name"] == "Second")
    served.write("Third\n  and a line that is no Python(")
    served.wait_for_log("Waiting for a change.")
    served.write("Fourth")
    fourth = served.wait_for(lambda board: board["name"] == "Fourth")
    script = (
        "import torch; torch.manual_seed(1); torch.save(torch.nn.Sequential(torch.nn.Flatten(), "
        f"torch.nn.Linear(48, 2)).state_dict(), {str(served.folder / 'weights.pt')!r})"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    mark = fourth["models"][0]["fingerprint"]
    served.wait_for(lambda board: board["models"][0]["fingerprint"] != mark)
    assert first["size"] == 6


def test_code_and_weights_are_watched_and_nothing_else(tmp_path: Path) -> None:
    kept = ["mine.py", "nets/model.py", "best.safetensors"]
    left = [".git/hook.py", "venv/lib.py", "notes.md", "__pycache__/mine.pyc"]
    left += ["kept/catalog.duckdb", "kept/results/ab/abc.safetensors", "kept/edits/1.json"]
    for name in [*kept, *left]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    found = reload.stamps(reload.watched(f"{tmp_path}/mine.py:board", [tmp_path / "notes.md"]))
    assert {str(path.relative_to(tmp_path)) for path in found} == {*kept, "notes.md"}
    (tmp_path / "best.safetensors").write_text("longer")
    assert reload.stamps([tmp_path]) != found


def test_files_that_never_rest_do_not_hold_the_board_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reload, "LONGEST", 1.0)
    stop = threading.Event()

    def write() -> None:
        for number in itertools.count():
            (tmp_path / "log.json").write_text("x" * number)
            if stop.wait(0.02):
                return

    writer = threading.Thread(target=write)
    writer.start()
    started = time.monotonic()
    reload._settled(reload.stamps([tmp_path]), [tmp_path])
    stop.set()
    writer.join()
    assert 1.0 <= time.monotonic() - started < 10.0


def test_the_command_line_is_passed_on_without_what_the_watch_sees_to() -> None:
    given = [
        "serve",
        "a.py",
        "--reload",
        "--watch",
        "w",
        "--port=3",
        "--store",
        "s",
        "--token",
        "t",
    ]
    assert reload.passed_on(given) == ["serve", "a.py", "--store", "s"]
