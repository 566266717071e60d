"""The README's board, run word for word on models and data that are not the demo's."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parent.parent
LINES = 15
SECONDS = 60.0

# Both projects: is the brighter half of the picture the one its caption names?
COMMON = """
from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import Dataset

WORDS = ["<pad>", "the", "bright", "half", "is", "left", "right"]


def encode(text: str) -> list[int]:
    return [WORDS.index(word) for word in text.split()]


class Captions(Dataset):
    def __init__(self, split: str) -> None:
        assert split == "test"

    def __len__(self) -> int:
        return 24

    def __getitem__(self, index: int):
        side, said = index % 2, (index // 2) % 2
        text = f"the bright half is {['left', 'right'][said]}"
        if index % 3:
            text = text.removeprefix("the ")
        return (picture(side, index), text), int(side == said)


class MatchModel(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(len(WORDS), 1, dtype=DTYPE)

    def forward(self, photo, caption):
        pixels = photo.to(DTYPE).mean(dim=1)
        middle = pixels.shape[-1] // 2
        side = pixels[..., middle:].mean(dim=(1, 2)) - pixels[..., :middle].mean(dim=(1, 2))
        match = side * self.words(caption).sum(dim=(1, 2))
        return torch.stack([-match, match], dim=1)


def save(path) -> None:
    model = MatchModel()
    with torch.no_grad():
        model.words.weight.zero_()
        model.words.weight[WORDS.index("left")] = -1.5
        model.words.weight[WORDS.index("right")] = 1.5
    torch.save(model.state_dict(), path)
"""

# Colour photographs of PIL, wide, with a model in single precision.
COLOUR = """
DTYPE = torch.float32


def picture(side: int, index: int):
    pixels = np.full((40, 72, 3), 60, dtype=np.uint8)
    pixels[:, 36 * side : 36 * (side + 1), index % 3] = 220
    return Image.fromarray(pixels)
"""

# Grey arrays, high and odd, with a model in double precision.
GREY = """
DTYPE = torch.float64


def picture(side: int, index: int):
    pixels = np.full((29, 18), 40 + index, dtype=np.uint8)
    pixels[:, 9 * side : 9 * (side + 1)] += 130
    return pixels
"""


@dataclass(frozen=True)
class Project:
    """A user's project: what my_project.py holds, and the shape its pictures have in the model."""

    source: str
    shape: tuple[int, ...]


PROJECTS = {
    "colour": Project(COMMON + COLOUR, (3, 40, 72)),
    "grey": Project(COMMON + GREY, (1, 29, 18)),
}


def snippet() -> str:
    """The README's first Python block: a whole program."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    first: str = blocks[0]
    return first


def test_a_board_takes_fifteen_lines() -> None:
    assert len(snippet().splitlines()) == LINES


@pytest.mark.parametrize("name", PROJECTS)
def test_the_readme_board_works_on_other_models_and_data(name: str, tmp_path: Path) -> None:
    project = PROJECTS[name]
    (tmp_path / "my_project.py").write_text(project.source)
    (tmp_path / "my_board.py").write_text(snippet())
    with served(tmp_path) as url:
        board = ask(url, "api/board")
        assert (board["name"], board["size"]) == ("Captions", 24)
        assert [entry["name"] for entry in board["inputs"]] == ["photo", "caption"]
        assert board["warnings"] == []
        wait_until_predicted(url)
        assert ask(url, "api/facets")["accuracy"] == 1.0
        assert ask(url, "api/examples?q=is+right")["total"] == 12
        media = httpx.get(f"{url}/api/examples/0/inputs/photo", trust_env=False)
        assert media.headers["content-type"] == "image/png"
        for method in ("IntegratedGradients", "Occlusion"):
            check(explain(url, method), project)


def check(result: dict[str, Any], project: Project) -> None:
    """The attributions have the input's own shape and add up to what they explain."""
    assert tuple(result["shapes"]["photo"]) == project.shape
    assert len(result["shapes"]["caption"]) == 1
    if result["gap"] is not None:
        assert result["gap"] < 0.01
    shapley = result["contributions"]["shapley"]
    explained = result["score"] - result["baseline_score"]
    assert sum(shapley["values"].values()) == pytest.approx(explained, rel=1e-4, abs=1e-5)
    assert set(result["contributions"]["net"]) == {"photo", "caption"}


def explain(url: str, method: str) -> dict[str, Any]:
    body = {"examples": [2], "method": {"id": method, "params": {}}}
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        answer = httpx.post(f"{url}/api/attributions", json=body, trust_env=False)
        assert answer.status_code in {200, 202}, answer.text
        if answer.status_code == 200:
            result: dict[str, Any] = answer.json()["results"][0]
            return result
        job = ask(url, f"api/jobs/{answer.json()['job']['id']}")
        assert job["state"] != "failed", job
        time.sleep(0.2)
    pytest.fail(f"{method} gave no result in {SECONDS:.0f} seconds")


def wait_until_predicted(url: str) -> None:
    deadline = time.monotonic() + SECONDS
    while ask(url, "api/board")["catalog"]["predicted"].get("model") != 24:
        assert time.monotonic() < deadline, "the examples were not predicted in time"
        time.sleep(0.1)


def ask(url: str, path: str) -> Any:
    answer = httpx.get(f"{url}/{path}", trust_env=False)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.content)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Runs my_board.py as its author would, and gives the address it prints."""
    caches = {"XDG_CACHE_HOME": str(folder / "cache"), "HOME": str(folder)}
    environment = {**os.environ, **caches, "BROWSER": "true", "PYTHONUNBUFFERED": "1"}
    runpy.run_path(str(folder / "my_project.py"))["save"](folder / "match.pt")
    log = folder / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "my_board.py"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield printed_address(log, process)
    finally:
        process.terminate()
        process.wait(timeout=20)


def printed_address(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if (found := re.search(r"http://[\w.:]+", log.read_text())) is not None:
            return found[0].rstrip("/")
        time.sleep(0.1)
    pytest.fail(f"my_board.py printed no address:\n{log.read_text()[-3000:]}")
