"""The measurements of speed and memory run, and the page about them lists what they measure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from attriboard import engine
from benchmarks import bench_engine, bench_memory
from benchmarks.speed import cases
from benchmarks.speed.questions import QUESTIONS

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


def test_a_quick_run_measures_the_small_cases(tmp_path: Path) -> None:
    file = tmp_path / "engine.json"
    assert bench_engine.main(["--quick", "--threads", "1", "--json", str(file)]) == 0
    found = json.loads(file.read_text())
    assert found["torch"] == torch.__version__
    assert {"commit", "processor", "cores", "threads", "lines"} <= found.keys()
    asked = {(case, method) for case, wanted in bench_engine.QUICK.items() for method in wanted}
    assert {(line["case"], line["method"]) for line in found["lines"]} == asked
    for line in found["lines"]:
        assert 0 < line["floor"] < 10
        assert line["ours_over_floor"] > 0.3
        assert line["captum_over_ours"] > 0


def test_memory_does_not_grow_with_steps_or_examples(tmp_path: Path) -> None:
    file = tmp_path / "memory.json"
    assert bench_memory.main(["--quick", "--json", str(file)]) == 0
    few_steps, many_steps, few, many = json.loads(file.read_text())["peaks"]
    assert many_steps["bytes"] <= 1.05 * few_steps["bytes"]
    assert many["bytes"] <= 1.10 * few["bytes"]


@pytest.mark.parametrize("name", cases.CASES)
def test_the_page_lists_every_case(name: str) -> None:
    assert f"| `{name}` |" in PAGE.read_text()


@pytest.mark.parametrize("method", QUESTIONS)
def test_the_page_lists_every_method_with_its_passes(method: str) -> None:
    assert f"| `{method}` |" in PAGE.read_text()


@pytest.mark.parametrize("name", ["mlp-20", "vqa", "transformer"])
def test_a_question_needs_the_rows_it_is_compared_with(name: str) -> None:
    """The floor would be no floor if it ran other passes than the method does."""
    if name == "transformer":
        methods = ["gradientshap"]
    else:
        methods = [m for m in ("ig", "ablation", "kernelshap") if m in QUESTIONS]
    case = cases.build(name)
    assert case is not None
    asked = {
        "ig": engine.IntegratedGradients(n_steps=50),
        "ablation": engine.FeatureAblation(),
        "kernelshap": engine.KernelShap(n_samples=200),
        "gradientshap": engine.GradientShap(n_samples=50),
    }
    for method in methods:
        assert QUESTIONS[method].rows(case) == asked[method].passes(case.groups)
