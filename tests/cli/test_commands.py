"""The commands as they are typed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from attriboard import __version__
from attriboard.cli import app, doctor
from attriboard.demos import DEMOS
from attriboard.demos.packages import PACKAGES
from tests.cli import boards

SOON = 60.0
run = CliRunner().invoke


def test_the_version() -> None:
    found = run(app, ["--version"])
    assert found.exit_code == 0
    assert found.output == f"attriboard {__version__}\n"


def test_the_version_answers_at_once_without_torch() -> None:
    code = "import sys; from attriboard.cli import app; print('torch' in sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout == "False\n"


def test_help_names_every_command_and_flag() -> None:
    assert all(name in run(app, ["--help"]).output for name in ("demo", "serve", "doctor"))
    flags = ("--host", "--port", "--token", "--base-url", "--allow-host", "--open", "--no-open")
    for command in ("serve", "demo"):
        text = run(app, [command, "--help"], env={"COLUMNS": "200"}).output
        assert all(flag in text for flag in (*flags, "--store")), text


def test_the_demos_are_listed() -> None:
    found = run(app, ["demo", "--list"])
    assert found.exit_code == 0
    for name, demo in DEMOS.items():
        assert re.search(
            rf"^{re.escape(name)} +{re.escape(demo.title)}", found.output, re.MULTILINE
        )


def test_an_unknown_demo_names_those_there_are() -> None:
    found = run(app, ["demo", "nothing"])
    assert found.exit_code == 1
    assert "There is no demo 'nothing'" in found.stderr
    assert next(iter(DEMOS)) in found.stderr


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_out_of_range_is_refused(command: str) -> None:
    found = run(app, [command, "x.py", "--port", "70000"])
    assert found.exit_code == 2
    assert "'--port'" in found.stderr


def test_a_missing_file_is_a_sentence() -> None:
    found = run(app, ["serve", "nowhere.py"])
    assert found.exit_code == 1
    assert found.stderr.startswith("Error: There is no file nowhere.py")
    assert "Traceback" not in found.output


def test_an_exception_in_the_users_file_shows_the_users_lines(tmp_path: Path) -> None:
    path = tmp_path / "mine_failing.py"
    path.write_text(boards.GOOD)
    found = run(app, ["serve", f"{path}:fails"])
    assert found.exit_code == 1
    assert "return 1 / x" in found.stderr
    assert "Error: " in found.stderr
    assert "typer" not in found.stderr


def test_the_doctor_reports(tmp_path: Path) -> None:
    found = run(app, ["doctor", "--store", str(tmp_path)])
    for word in ("torch", "duckdb", "cpu", str(tmp_path), "writable", "free space", "built"):
        assert word in found.output
    assert found.exit_code in (0, 1)
    assert ("Ready." in found.output) == (found.exit_code == 0)


def test_the_doctor_names_the_packages_that_demos_lack(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [(f.name, f.verdict) for f in doctor.examine() if f.group == "Demos"] == [
        ("packages", "ok")
    ]
    known = doctor._version

    def version(name: str) -> str | None:
        return None if name in ("mlxtend", "easy-vqa") else known(name)

    monkeypatch.setattr(doctor, "_version", version)
    lacking = [finding for finding in doctor.examine() if finding.group == "Demos"]
    assert [(f.name, f.verdict) for f in lacking] == [("easy-vqa", "note"), ("mlxtend", "note")]
    assert "the demo vqa:" in lacking[0].text
    assert "the demos clips, digits, housing" in lacking[1].text
    assert 'pip install "attriboard[demo]"' in lacking[1].text


def test_the_doctor_knows_every_package_of_the_demos() -> None:
    root = Path(__file__).resolve().parents[2]
    extras = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = {line.partition(">=")[0] for line in extras["optional-dependencies"]["demo"]}
    assert set(PACKAGES) == wanted
    assert {demo for demos in PACKAGES.values() for demo in demos} <= set(DEMOS)


def test_the_doctor_sees_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = run(app, ["doctor", "--store", str(tmp_path / "file")])
    assert found.exit_code == 1
    assert "store" in found.output.lower()
    assert "--store" in found.output


def _start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-u", "-m", "attriboard.cli", *arguments]
    environment = {**os.environ, "COLUMNS": "200"}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://\S+", line)
        if found:
            return found.group()
    raise AssertionError(f"No address was printed; the process ended with {process.wait()}.")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serving_a_file(tmp_path: Path, stop: signal.Signals) -> None:
    (tmp_path / "mine.py").write_text(boards.GOOD)
    store = tmp_path / "store"
    process = _start(
        "serve", str(tmp_path / "mine.py"), "--no-open", "--port", "0", "--store", str(store)
    )
    try:
        address = _address(process)
        with httpx.Client(base_url=address, trust_env=False) as client:
            assert client.get("healthz").status_code == 200
            assert client.get("api/board").json()["name"] == "Mine"
        assert (store / "catalog.duckdb").exists()
        started = time.monotonic()
        process.send_signal(stop)
        assert process.wait(SOON) == 0
        assert time.monotonic() - started < 10
        assert process.stdout is not None
        assert "Traceback" not in process.stdout.read()
    finally:
        process.kill()


def test_ctrl_c_ends_in_a_bounded_time_inside_a_slow_model(tmp_path: Path) -> None:
    slow = boards.GOOD.replace(
        "board = ab.Board",
        "import time, threading\n"
        "class Slow(nn.Module):\n"
        "    def __init__(self, inner):\n"
        "        super().__init__()\n"
        "        self.inner, self.calls = inner, []\n"
        "    def forward(self, x):\n"
        "        if threading.current_thread() is not threading.main_thread():\n"
        "            print('computing', flush=True)\n"
        "            time.sleep(120)\n"
        "        return self.inner(x)\n"
        "model = Slow(model)\n"
        "board = ab.Board",
    )
    (tmp_path / "slow.py").write_text(slow)
    process = _start(
        "serve",
        str(tmp_path / "slow.py"),
        "--no-open",
        "--port",
        "0",
        "--store",
        str(tmp_path / "s"),
    )
    try:
        address = _address(process)
        assert process.stdout is not None
        assert any("computing" in line for line in process.stdout)
        assert httpx.get(address + "healthz", trust_env=False).status_code == 200
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(30)
        assert time.monotonic() - started < 20
    finally:
        process.kill()
