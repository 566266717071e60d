"""A board from what the command line names: FILE.py[:NAME] or MODULE:NAME."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from attriboard.board import Board
from attriboard.engine.errors import AttriboardError, InvalidInput

DEFAULT_NAME = "board"
OWN = str(Path(__file__).resolve().parents[1])
MOST_NAMES = 10


class UserCodeError(AttriboardError):
    """The user's file raised while it was loaded. `trace` holds the lines from that file on."""

    def __init__(self, message: str, trace: str) -> None:
        super().__init__(message)
        self.trace = trace


def load_board(target: str) -> Board:
    """The board that `target` names: a Board, or a function without arguments that makes one.

    Raises InvalidInput where there is none, UserCodeError where the user's code raises.
    """
    place, name = split(target)
    module = _guarded(lambda: _module(place), place)
    found = _named(module, name, place)
    if callable(found) and not isinstance(found, Board):
        found = _called(found, name, place)
    if isinstance(found, Board):
        return found
    raise InvalidInput(
        f"{name!r} in {place} is a {type(found).__name__}, not a Board. Name a Board, or a "
        "function without arguments that returns one.",
        "target",
    )


def load_models(target: str) -> Mapping[str, Any]:
    """The models of that board alone, for a process that runs them."""
    return load_board(target).models


def load_demo_models(name: str, store: Path) -> Mapping[str, Any]:
    """The models of a demo, for a process that runs them."""
    from attriboard.demos import DEMOS

    return DEMOS[name].load(store).models


def absolute(target: str) -> str:
    """`target` as it is named from every folder, where it names a file."""
    place, name = split(target)
    path = Path(place).expanduser()
    return f"{path.resolve()}:{name}" if path.is_file() else target


def split(target: str) -> tuple[str, str]:
    """The file or module and the name in it; the name is `board` when left out."""
    place, colon, name = target.rpartition(":")
    # A colon may also be a Windows drive's.
    if not colon or name.endswith(".py") or "\\" in name or "/" in name:
        place, name = target, DEFAULT_NAME
    return place, name or DEFAULT_NAME


def _module(place: str) -> ModuleType:
    path = Path(place).expanduser()
    if path.suffix == ".py" or path.is_file():
        return _from_file(path)
    return _from_name(place)


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise InvalidInput(
            f"There is no file {path}. Give the path of a Python file that makes a Board.", "target"
        )
    path = path.resolve()
    # What stands beside the file can be imported from it, as when Python runs it.
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise InvalidInput(f"{path.name} is not a Python file; its name must end in .py.", "target")
    module = importlib.util.module_from_spec(spec)
    # Classes of the file are found by their module's name, as dataclasses and pickle do.
    sys.modules.setdefault(path.stem, module)
    spec.loader.exec_module(module)
    return module


def _from_name(name: str) -> ModuleType:
    sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise
        raise InvalidInput(
            f"There is no module {name!r} here. Give FILE.py or FILE.py:NAME for a file, or "
            "MODULE:NAME for a module that can be imported.",
            "target",
        ) from error
    except (ValueError, TypeError) as error:  # an empty or relative name
        raise InvalidInput(f"{name!r} is not the name of a module.", "target") from error


def _named(module: ModuleType, name: str, place: str) -> Any:
    if hasattr(module, name):
        return getattr(module, name)
    boards = [key for key, value in vars(module).items() if isinstance(value, Board)]
    mend = f"make a Board called {name!r}, or name another: {place}:NAME"
    if boards:
        mend = "use " + " or ".join(f"{place}:{board}" for board in boards[:MOST_NAMES])
    raise InvalidInput(f"{place} has nothing called {name!r}; {mend}.", "target")


def _called(function: Callable[..., Any], name: str, place: str) -> Any:
    try:
        inspect.signature(function).bind()
    except TypeError as error:
        raise InvalidInput(
            f"{name!r} in {place} needs arguments. Give it defaults, or wrap it in a function "
            "without arguments.",
            "target",
        ) from error
    except ValueError:
        pass  # some built-in callables have no signature to read
    return _guarded(function, place)


def _guarded(work: Callable[[], Any], place: str) -> Any:
    """What `work` returns; what the user's code raises comes with the user's own lines."""
    try:
        return work()
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        if isinstance(error, InvalidInput) and error.field == "target":
            raise
        raise UserCodeError(_said(error, place), user_trace(error)) from error


def _said(error: BaseException, place: str) -> str:
    if isinstance(error, AttriboardError):
        return str(error)
    if isinstance(error, SystemExit):
        return f"{place} ended the program (sys.exit) before a board was made. Remove that call."
    return f"{place} raised {type(error).__name__}: {error}"


def user_trace(error: BaseException) -> str:
    """The traceback from the user's first line on, as Python prints it.

    Of our own errors only the user's lines are told: the message says the rest.
    """
    frames = list(traceback.extract_tb(error.__traceback__))
    while frames and _is_ours(frames[0].filename):
        frames.pop(0)
    if isinstance(error, AttriboardError):
        frames = [frame for frame in frames if not _is_ours(frame.filename)]
        return "".join(traceback.format_list(frames))
    end = "" if isinstance(error, SystemExit) else _last_lines(error)
    return "".join(traceback.format_list(frames)) + end


def _last_lines(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error))


def _is_ours(filename: str) -> bool:
    return filename.startswith((OWN, "<frozen importlib")) or filename == importlib.__file__
