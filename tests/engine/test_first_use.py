"""What the first computation of a process must not cost."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import sys, torch
from attriboard import engine

model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
engine.attribute(model, torch.ones(1, 4), engine.IntegratedGradients(n_steps=4), target=0)
print("torch._dynamo" in sys.modules, "sympy" in sys.modules)
"""


def test_the_first_attribution_does_not_import_the_compiler() -> None:
    environment = {**os.environ, "PYTHONPATH": "backend"}
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "False False\n"
