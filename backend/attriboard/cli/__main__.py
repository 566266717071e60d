"""`python -m attriboard.cli` is `attriboard`."""

from __future__ import annotations

from attriboard.cli.commands import app

app(prog_name="attriboard")
