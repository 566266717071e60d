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


def test_root_gets_a_browser_with_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = program(tmp_path, "installed", "#!/bin/sh\necho Chromium 1.2\n")
    apt = f"#!{sys.executable}\nimport os, sys\nif 'install' in sys.argv:\n"
    program(
        tmp_path, "apt-get", f"{apt}    os.rename({str(browser)!r}, {str(tmp_path / 'chromium')!r})"
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(chromium.VARIABLE, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    chromium.install()
    assert chromium.find() == tmp_path / "chromium"


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


@pytest.mark.parametrize(
    ("make", "report", "code", "closing"),
    [
        (0, "<s><testcase/><testcase/></s>", 0, "tests: 2 passed, 0 failed"),
        (2, "<s><testcase/><testcase><failure/></testcase></s>", 2, "tests: 1 passed, 1 failed"),
        (2, "<s><testcase/></s>", 2, "tests: 1 passed, 0 failed"),
        (0, "<s><testcase><error/></testcase></s>", 1, "tests: 0 passed, 1 failed"),
        (0, "<s></s>", 1, ""),
    ],
)
def test_continuous_integration_is_faithful(
    tmp_path: Path, make: int, report: str, code: int, closing: str
) -> None:
    """The exit code is make's, and no run passes without a test."""
    for name in (".ci/run", "scripts/summary.py"):
        (tmp_path / name).parent.mkdir()
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    written = f"mkdir -p test-artifacts/junit\necho '{report}' > test-artifacts/junit/unit.xml\n"
    program(tmp_path, "make", f"#!/bin/sh\n{written}exit {make}\n")
    answer = subprocess.run(
        ["bash", ".ci/run"],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == code
    assert answer.stdout.endswith(f"{closing}\n" if closing else "")
