"""The command line: `attriboard demo`, `serve`, `attribute`, `doctor` and `--version`."""

from __future__ import annotations

from attriboard.cli.commands import app

__all__ = ["app"]
