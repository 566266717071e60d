"""A package outside the repo adds a method: METHODS, the schema and the command line know it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = '''
from dataclasses import dataclass

from attriboard.engine import Method
from attriboard.engine.methods.gradient import at_point
from attriboard.engine.parameters import param


@dataclass(frozen=True)
class SquaredGradient(Method):
    """The squared gradient."""

    title = "Squared gradient"
    family = "gradient"
    summary = "The square of the gradient, scaled."
    formula = "c (df/dx)^2"
    citation = "a test"
    uses_baseline = False

    scale: float = param(1.0, "A factor.", minimum=0)

    def __call__(self, probe):
        return tuple(self.scale * g.square() for g in at_point(probe)[1])
'''

USE = """
import json, torch
from attriboard import engine
method = engine.make("SquaredGradient", {"scale": 2.0})
found = engine.attribute(lambda_model := torch.nn.Linear(3, 2), torch.ones(1, 3), method, 1)
weight = lambda_model.weight[1].detach()
print(json.dumps({
    "known": "SquaredGradient" in engine.METHODS,
    "schema": engine.schema(engine.METHODS["SquaredGradient"]),
    "right": bool(torch.allclose(found.attributions[0][0], 2 * weight.square())),
}))
"""


def _install(folder: Path, target: str) -> dict[str, str]:
    """Lay the package out as an installer would, and give an environment that sees it."""
    (folder / "squared.py").write_text(PACKAGE)
    info = folder / "squared-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: squared\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[attriboard.methods]\nsquared = {target}\n")
    backend = Path(__file__).parents[2] / "backend"
    return {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{backend}"}


def _python(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_package_adds_a_method(tmp_path: Path):
    environment = _install(tmp_path, "squared:SquaredGradient")
    run = _python(environment, "-c", USE)
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert told["known"]
    assert told["right"]
    assert told["schema"]["properties"]["scale"]["minimum"] == 0
    listed = _python(environment, "-m", "attriboard.cli", "methods")
    assert listed.returncode == 0, listed.stderr
    assert "SquaredGradient" in listed.stdout


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("squared:Nothing", "AttributeError"),
        ("squared:param", "no subclass"),
        ("attriboard.engine:Saliency", "there is a method Saliency already"),
    ],
)
def test_a_broken_package_is_left_out_with_the_reason(tmp_path: Path, target: str, reason: str):
    run = _python(_install(tmp_path, target), "-c", "from attriboard import engine")
    assert run.returncode == 0
    assert "is left out" in run.stderr
    assert reason in run.stderr
