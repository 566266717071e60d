"""A package outside the repo adds an input: a board takes it, and the API sends its own view."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

# Written from the docstrings of attriboard.inputs.Input alone.
PACKAGE = '''
import torch

from attriboard.inputs import Choice, Input


class Spectrum(Input):
    """A list of intensities."""

    modality = "spectrum"

    def tensor(self, raw):
        if not isinstance(raw, list):
            raise self.invalid("give a list of numbers.")
        return torch.tensor(raw, dtype=torch.float32)

    def view(self, raw):
        return {"kind": "spectrum", "bands": [f"{400 + 50 * i} nm" for i in range(len(raw))]}

    def feature_kinds(self):
        return (Choice("bands", "Bands", "Each band on its own."),)

    def features(self, raw, tensor, kind):
        return torch.arange(tensor.numel())

    def baseline_kinds(self):
        return (Choice("dark", "Dark", "No light in any band."),)

    def baseline(self, kind, raw, tensor, sample, seed):
        self.chosen(kind, self.baseline_kinds(), "baseline")
        return torch.zeros_like(tensor)

    def window(self, tensor):
        return (1,), (1,)

    def summed(self, attribution):
        return attribution

    def from_file(self, source):
        raise self.invalid("spectra cannot be read from files.")


def nothing():
    pass
'''

USE = """
import json, tempfile, time, torch
from pathlib import Path
from fastapi.testclient import TestClient
import attriboard as ab
from attriboard.api.app import create_app
from attriboard.jobs.session import Session

model = torch.nn.Linear(4, 2)
data = [([0.1, 0.2, 0.3, 0.4], 1), ([0.4, 0.0, 0.1, 0.0], 0)]
board = ab.Board(model, data, inputs=[ab.Spectrum("light")], output=ab.Classes(["dim", "bright"]))
session = Session(board, Path(tempfile.mkdtemp()))
session.start()
with TestClient(create_app(session), base_url="http://127.0.0.1:8321") as client:
    body = {"examples": [0], "method": {"id": "IntegratedGradients", "params": {}}, "target": 1}
    while (answer := client.post("/api/attributions", json=body)).status_code == 202:
        time.sleep(0.05)
    print(json.dumps({
        "input": client.get("/api/board").json()["inputs"][0],
        "shown": client.get("/api/examples/0").json()["inputs"][0],
        "gap": answer.json()["results"][0]["gap"],
        "shapes": answer.json()["results"][0]["shapes"],
    }))
session.close()
"""


def _install(folder: Path, target: str) -> dict[str, str]:
    """Lay the package out as an installer would, and give an environment that sees it."""
    (folder / "spectra.py").write_text(PACKAGE)
    info = folder / "spectra-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: spectra\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[attriboard.inputs]\nspectrum = {target}\n")
    backend = Path(__file__).parents[2] / "backend"
    return {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{backend}"}


def _python(environment: dict[str, str], code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_a_package_adds_an_input(tmp_path: Path) -> None:
    run = _python(_install(tmp_path, "spectra:Spectrum"), USE)
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert told["input"]["modality"] == "spectrum"
    assert told["input"]["default_baseline"] == "dark"
    bands = ["400 nm", "450 nm", "500 nm", "550 nm"]
    assert told["shown"]["view"] == {"kind": "spectrum", "bands": bands}
    assert told["gap"] < 1e-4
    assert told["shapes"] == {"light": [4]}


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("spectra:Nothing", "AttributeError"),
        ("spectra:nothing", "no subclass"),
        ("attriboard.inputs:Text", "there is a name Text already"),
    ],
)
def test_a_broken_package_is_left_out_with_the_reason(
    tmp_path: Path, target: str, reason: str
) -> None:
    code = "import attriboard; print(hasattr(attriboard, 'Spectrum'), attriboard.Text.__module__)"
    run = _python(_install(tmp_path, target), code)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["False", "attriboard.inputs.text"]
    assert "is left out" in run.stderr
    assert reason in run.stderr
