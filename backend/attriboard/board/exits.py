"""The user's code must not end the program that asks it a question."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from attriboard.engine.errors import InvalidInput


@contextmanager
def no_exit() -> Iterator[None]:
    """Turns sys.exit inside the block into InvalidInput."""
    try:
        yield
    except SystemExit as error:
        raise InvalidInput(
            "The model or the dataset called sys.exit while it was tried. Remove that call.",
            "model",
        ) from error
