"""docs/methods.md says of every method what its class says, and nothing is missing there."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from attriboard import engine

PAGE = Path(__file__).parents[2] / "docs" / "methods.md"
OWN = {
    name: kind for name, kind in engine.METHODS.items() if kind.__module__.startswith("attriboard.")
}


def _section(name: str) -> str:
    found = re.search(rf"^### {name}\n(.*?)(?=^##|\Z)", PAGE.read_text(), re.M | re.S)
    assert found, f"docs/methods.md has no section for {name}: add one."
    return found.group(1)


def test_the_page_names_no_method_that_is_not_there():
    named = set(re.findall(r"^### (\w+)$", PAGE.read_text(), re.M))
    assert named == set(OWN)


@pytest.mark.parametrize("name", OWN)
def test_the_section_says_what_the_class_says(name: str):
    kind, section = OWN[name], _section(name)
    for fact in (kind.title, kind.summary, kind.formula, kind.citation):
        assert fact in section
    assert f"- Adds up: {'yes' if kind.complete else 'no'}" in section
    assert f"- Needs gradients: {'yes' if kind.needs_gradient else 'no,'}" in section
    assert f"- Explains at: {', '.join(f'`{place}`' for place in kind.places)}" in section
    for field in dataclasses.fields(kind):
        assert f"| `{field.name}` |" in section, f"{name}.{field.name} is not on the page"
        assert field.metadata["help"] in section


@pytest.mark.parametrize("name", OWN)
def test_the_cost_on_the_page_is_the_cost(name: str):
    formula = re.search(r"- Passes: `(.+)`", _section(name))
    assert formula
    method = engine.make(name)
    known = {field.name: getattr(method, field.name) for field in dataclasses.fields(method)}
    inner = known.get("method")
    for features in (5, 9):
        words = {"features": features, "windows": features, "baselines": 1, "min": min}
        if isinstance(inner, engine.Method):
            words["inner"] = inner.passes(features)
        told = eval(formula.group(1), {"__builtins__": {}}, {**known, **words})
        assert told == method.passes(features)
