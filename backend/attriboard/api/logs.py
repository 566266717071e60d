"""Logs of the server: one line a request and an event, as text or as JSON for a collector."""

from __future__ import annotations

import json
import logging
import sys
import time
from enum import StrEnum
from typing import TextIO

ROOT = "attriboard"
FIELDS = ("request", "client", "method", "path", "route", "status", "ms", "job")
"""What a line may carry beside its message. No query: it may hold what people search for."""


class LogFormat(StrEnum):
    """The values of --log."""

    QUIET = "quiet"
    TEXT = "text"
    JSON = "json"


def configure(form: LogFormat, stream: TextIO | None = None) -> None:
    """Write AttriBoard's logs to `stream`, None is the terminal's error stream.

    `quiet` leaves them as they are: warnings alone are seen.
    """
    if form is LogFormat.QUIET:
        return
    logger = logging.getLogger(ROOT)
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == ROOT:  # some libraries switch off whatever logs before them
            known = logging.getLogger(name)
            known.disabled, known.propagate = False, True
            known.setLevel(logging.NOTSET)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Json() if form is LogFormat.JSON else Text())
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def fields(record: logging.LogRecord) -> dict[str, object]:
    """What the line carries beside its message."""
    return {name: vars(record)[name] for name in FIELDS if name in vars(record)}


class Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **fields(record),
        }
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=True, default=str)


class Text(logging.Formatter):
    """One line for people. What came from outside cannot start a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage().encode("unicode_escape").decode()
        told = " ".join(f"{name}={value!s:.200}" for name, value in fields(record).items())
        line = f"{_time(record)} {record.levelname.lower()} {message} {told}".rstrip()
        line = line.replace("\n", "\\n").replace("\r", "\\r")
        return line if not record.exc_info else f"{line}\n{self.formatException(record.exc_info)}"


def _time(record: logging.LogRecord) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03d}Z"
