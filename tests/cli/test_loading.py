"""From what the command line names to a Board, or to a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from attriboard.cli.loading import UserCodeError, load_board, split
from attriboard.engine.errors import InvalidInput
from tests.cli import boards


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(boards.GOOD)
    return path


@pytest.mark.parametrize("name", ["", ":board", ":make"])
def test_a_board_or_a_function_that_makes_one(mine: Path, name: str) -> None:
    assert load_board(f"{mine}{name}").name == "Mine"


@pytest.mark.parametrize("target", ["mine.py", "./mine.py:board", "mine:make", "mine"])
def test_relative_files_and_modules(mine: Path, target: str) -> None:
    assert load_board(target).name == "Mine"


def test_a_file_imports_its_neighbours(tmp_path: Path, mine: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "neighbour.py").write_text(mine.read_text())
    (tmp_path / "deep" / "outer.py").write_text("from neighbour import board\n")
    assert load_board("deep/outer.py").name == "Mine"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("a.py", ("a.py", "board")),
        ("a.py:x", ("a.py", "x")),
        ("pkg.mod:x", ("pkg.mod", "x")),
        ("pkg.mod", ("pkg.mod", "board")),
        ("a.py:", ("a.py", "board")),
        (r"C:\boards\a.py", (r"C:\boards\a.py", "board")),
        (r"C:\boards\a.py:x", (r"C:\boards\a.py", "x")),
    ],
)
def test_targets_are_split(target: str, expected: tuple[str, str]) -> None:
    assert split(target) == expected


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("none.py", "There is no file none.py"),
        ("none", "There is no module 'none'"),
        ("no.such.module:x", "There is no module"),
        ("..", "not the name of a module"),
        ("", "not the name of a module"),
        ("mine.py:other", "use mine.py:board"),
        ("mine.py:number", "is a int, not a Board"),
        ("mine.py:needs", "needs arguments"),
        ("mine.py:nn", "not a Board"),
    ],
)
def test_what_names_no_board_is_a_sentence(mine: Path, target: str, said: str) -> None:
    assert mine.exists()
    with pytest.raises(InvalidInput, match=said) as raised:
        load_board(target)
    assert raised.value.field == "target"


def test_an_exception_comes_with_the_users_own_lines(mine: Path) -> None:
    with pytest.raises(UserCodeError, match=r"ZeroDivisionError: division by zero") as raised:
        load_board(f"{mine}:fails")
    trace = raised.value.trace
    assert "return compute(0)" in trace
    assert "return 1 / x" in trace
    assert "loading.py" not in trace
    assert "importlib" not in trace


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import torch\nx = undefined\n", "NameError"),
        ("def broken(:\n", "SyntaxError"),
        ("import no_such_package\n", "No module named 'no_such_package'"),
        ("import sys\nsys.exit(3)\n", "sys.exit"),
        (boards.WRONG_BOARD, "empty"),
    ],
)
def test_what_the_file_raises_is_told(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "bad.py").write_text(source)
    with pytest.raises(UserCodeError, match=said) as raised:
        load_board("bad.py")
    assert "bad.py" in raised.value.trace
    assert "loading.py" not in raised.value.trace
