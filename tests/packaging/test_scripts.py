"""The scripts that make runs: what they choose, and the sentence they fail with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from scripts import chromium, frontend, summary

ROOT = Path(__file__).resolve().parents[2]
GOOD = "#!/bin/sh\nexit 0\n"
TOO_OLD = "#!/bin/sh\nexit 1\n"


def program(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def find_python(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    shell = shutil.which("sh")
    assert shell is not None
    return subprocess.run(
        [shell, str(ROOT / "scripts" / "python.sh")],
        env={"PATH": str(path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_first_python_that_is_new_enough_is_taken(tmp_path: Path) -> None:
    program(tmp_path, "python3", TOO_OLD)
    program(tmp_path, "python3.12", GOOD)
    program(tmp_path, "python3.13", GOOD)
    assert find_python(tmp_path).stdout == "python3.12\n"


def test_no_python_is_a_sentence(tmp_path: Path) -> None:
    program(tmp_path, "python3", TOO_OLD)
    answer = find_python(tmp_path)
    assert answer.returncode != 0
    assert "needs Python 3.11 or newer" in answer.stderr


def test_a_named_python_is_the_only_one_tried(tmp_path: Path) -> None:
    program(tmp_path, "python3", GOOD)
    named = program(tmp_path, "my python", TOO_OLD)
    answer = find_python(tmp_path, PYTHON=str(named))
    assert answer.returncode != 0
    assert str(named) in answer.stderr


def test_a_missing_browser_fails_the_run(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "chromium.py")],
        env={**os.environ, chromium.VARIABLE: str(tmp_path / "nothing")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert "is not a Chromium that runs" in answer.stderr


def test_a_placeholder_is_no_browser(tmp_path: Path) -> None:
    assert not chromium.runs(program(tmp_path, "chromium", "#!/bin/sh\necho use the store\n"))
    assert chromium.runs(program(tmp_path, "real", "#!/bin/sh\necho Chromium 1.2\n"))


def test_the_front_end_is_stale_when_a_source_is_newer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, static = tmp_path / "frontend", tmp_path / "static"
    (sources / "src").mkdir(parents=True)
    static.mkdir()
    source, page = sources / "src" / "main.ts", static / "index.html"
    source.touch()
    monkeypatch.setattr(frontend, "FRONTEND", sources)
    monkeypatch.setattr(frontend, "STATIC", static)
    assert frontend.is_stale()
    page.touch()
    os.utime(page, (2000, 2000))
    os.utime(source, (1000, 1000))
    assert not frontend.is_stale()
    os.utime(source, (3000, 3000))
    assert frontend.is_stale()


def test_the_node_of_the_package_serves_where_the_path_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(tmp_path, "node", "#!/bin/sh\necho v18.19.0\n")
    program(tmp_path, "npm", GOOD)
    monkeypatch.setenv("PATH", str(tmp_path))
    node = frontend.find_node()
    assert node is not None
    assert node.version >= frontend.OLDEST_NODE
    assert node.folder != tmp_path


def test_the_summary_counts_what_ran(tmp_path: Path) -> None:
    report = tmp_path / "unit.xml"
    report.write_text(
        "<testsuites><testsuite>"
        "<testcase/><testcase/><testcase><failure/></testcase><testcase><error/></testcase>"
        "<testcase><skipped/></testcase>"
        "</testsuite></testsuites>"
    )
    assert summary.count(report) == Counter(passed=2, failed=2, skipped=1)
