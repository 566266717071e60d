"""What the import contracts of pyproject.toml cannot say: the engine imports nothing but torch."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "backend" / "attriboard"
ALLOWED = set(sys.stdlib_module_names) | {"torch"}


def test_the_engine_imports_torch_and_the_standard_library_only() -> None:
    files = sorted((PACKAGE / "engine").rglob("*.py"))
    assert files
    strangers = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in files
        for name in imports(path)
        if name.partition(".")[0] not in ALLOWED
        and not name.startswith(("attriboard.engine", "attriboard.version"))
    ]
    assert strangers == []


def test_methods_never_use_metrics() -> None:
    files = sorted((PACKAGE / "engine" / "methods").rglob("*.py"))
    assert files
    assert [path.name for path in files for name in imports(path) if "metrics" in name] == []


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
