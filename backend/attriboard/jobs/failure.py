"""What is told about an exception: a title, a sentence and the user's own lines."""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attriboard.engine.errors import AttriboardError, InvalidInput, ModelError, Unsupported

_OWN = str(Path(__file__).resolve().parents[1])
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib")})


@dataclass(frozen=True)
class Failure:
    """Why a job failed. `trace` holds the lines of user code, outermost first, without folders."""

    title: str
    detail: str
    field: str | None = None
    trace: tuple[str, ...] = ()
    kind: type[AttriboardError] = AttriboardError

    def error(self) -> AttriboardError:
        """The failure as an exception, for whoever waited for the job."""
        made = self.kind(self.detail)
        if isinstance(made, InvalidInput):
            made.field = self.field
        made.__dict__["failure"] = self  # the user's lines, for whoever describes it again
        return made

    def data(self) -> dict[str, Any]:
        """The failure as JSON: title and detail, and field and trace where there are any."""
        found: dict[str, Any] = {"title": self.title, "detail": self.detail}
        if self.field is not None:
            found["field"] = self.field
        if self.trace:
            found["trace"] = list(self.trace)
        return found


def describe(error: BaseException) -> Failure:
    """The failure that `error` stands for, in words for the person who waits."""
    known = getattr(error, "failure", None)
    if isinstance(known, Failure):
        return known
    field = error.field if isinstance(error, InvalidInput) else None
    kind = type(error) if isinstance(error, AttriboardError) else AttriboardError
    return Failure(_title(error), _detail(error), field, tuple(user_lines(error)), kind)


def user_lines(error: BaseException) -> Iterator[str]:
    """The frames of `error` and its causes outside AttriBoard and the installed libraries."""
    for link in reversed(list(_chain(error))):
        for frame in traceback.extract_tb(link.__traceback__):
            if _is_users(frame.filename):
                place = f"{Path(frame.filename).name}, line {frame.lineno}, in {frame.name}"
                yield f"{place}: {frame.line}" if frame.line else place


def _title(error: BaseException) -> str:
    title = getattr(error, "title", None)
    if isinstance(error, AttriboardError) and isinstance(title, str):
        return title
    if isinstance(error, ModelError):
        return "The model failed"
    if isinstance(error, InvalidInput):
        return "The request cannot be computed"
    if isinstance(error, Unsupported):
        return "The method cannot run here"
    if isinstance(error, MemoryError):
        return "Out of memory"
    if next(user_lines(error), None) is not None:
        return "The code of the model or the dataset failed"
    return "The computation failed"


def _detail(error: BaseException) -> str:
    text = str(error).strip()
    if isinstance(error, AttriboardError) and text:
        return text
    if isinstance(error, SystemExit):
        return "The code of the model or the dataset called sys.exit; remove that call."
    name = type(error).__name__
    return f"{name}: {text}" if text else f"{name} was raised without a message."


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _is_users(filename: str) -> bool:
    if filename.startswith(("<frozen", "<string")):
        return False
    return not filename.startswith((_OWN, *_LIBRARIES))
