"""The page's TypeScript types are those of the schema the server prints now."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from pathlib import Path

from attriboard.api.openapi import main

TYPES = Path(__file__).parents[2] / "frontend" / "src" / "api" / "schema.d.ts"


def test_the_types_are_current() -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        main()
    now = hashlib.sha256(printed.getvalue().encode()).hexdigest()
    kept = re.search(r"sha256 ([0-9a-f]{64})", TYPES.read_text(encoding="utf-8"))
    assert kept is not None
    assert kept[1] == now, (
        "The schema changed: run `python -m attriboard.api.openapi > frontend/openapi.json` and "
        "`npm --prefix frontend run types`, then commit frontend/src/api/schema.d.ts."
    )
