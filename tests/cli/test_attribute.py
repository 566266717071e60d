"""`attriboard attribute` as it is typed: written, stopped, gone on with, read by other tools."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from attriboard.cli import app
from attriboard.cli.attribute import bytes_of
from attriboard.engine.errors import InvalidInput
from tests.browser.boards import TWO_MODELS

SOON = 120.0
run = CliRunner().invoke


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(TWO_MODELS)
    return path


def _words(file: Path, out: Path) -> list[str]:
    methods = ["--method", "Saliency", "--method", 'IntegratedGradients:{"n_steps": 6}']
    places = ["--out", str(out), "--store", str(file.parent / "store")]
    return ["attribute", str(file), *methods, *places]


def test_it_writes_what_other_tools_read(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = run(app, [*_words(file, out), "--where", 'label = "red"', "--model", "second"])
    assert found.exit_code == 0, found.output
    assert str(out) in found.output
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["examples"]["count"] == 10
    assert [part["model"] for part in manifest["parts"]] == ["second"] * 3
    rows = duckdb.execute(
        f"SELECT label_name, \"share.photo\" FROM '{out}/examples.parquet' "
        f"JOIN '{out}/second/contributions/*.parquet' USING (\"index\")"
    ).fetchall()
    assert len(rows) == 10
    assert {name for name, _ in rows} == {"red"}
    assert all(0 <= share <= 1 for _, share in rows)


def test_the_snippets_of_the_page_read_it(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [*_words(file, out), "--model", "first", "--metric", "deletion", "--memory", "64M"]
    found = run(app, words)
    assert found.exit_code == 0, found.output
    assert "deletion.Saliency" in found.output
    page = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text()
    [sql] = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    sql = sql.replace("wrong/model/", f"{out}/first/").replace("wrong/", f"{out}/")
    rows = duckdb.execute(sql).fetchall()
    assert {name for name, _ in rows} == {"red", "blue", "green"}
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    [numpy] = [block for block in blocks if "load_file" in block]
    [shard] = (out / "first" / "Saliency").glob("*.safetensors")
    exec(re.sub(r'"wrong/.*?"', repr(str(shard)), numpy).replace("photo/4", "photo/0"))
    [pandas] = [block for block in blocks if "import pandas" in block]
    exec(pandas.replace("wrong/model/", f"{out}/first/").replace("wrong/", f"{out}/"))
    for block in blocks:
        compile(block, "docs/sweeps.md", "exec")


def _hears_ctrl_c() -> None:
    """A shell's background job ignores Ctrl-C, and so would what it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_stops_it_and_the_same_command_goes_on(file: Path, tmp_path: Path) -> None:
    slow = "\nfrom time import sleep\n\n"
    text = TWO_MODELS.replace(
        "        seen, read =", "        sleep(0.004 * len(photo))\n        seen, read ="
    )
    file.write_text(slow + text)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "attriboard.cli", *_words(file, out)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=_hears_ctrl_c
    )
    deadline = time.monotonic() + SOON
    while not list(out.glob("*/*/*.parquet")) and time.monotonic() < deadline:
        assert process.poll() is None, process.stdout and process.stdout.read()
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    said = process.communicate(timeout=SOON)[0].decode()
    assert process.returncode == 130, said
    assert "goes on where it stopped" in said
    assert not json.loads((out / "manifest.json").read_text())["complete"]
    kept = {path: path.stat().st_mtime_ns for path in out.glob("*/*/*.parquet")}
    again = subprocess.run(command, capture_output=True, text=True, timeout=SOON, check=False)
    assert again.returncode == 0, again.stderr
    assert json.loads((out / "manifest.json").read_text())["complete"]
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--method", "Salience"], "Salience"),
        (["--method", "Saliency:{"], "JSON"),
        (["--baseline", "photo"], "INPUT=NAME"),
        (["--budget", "much"], "--budget"),
        (["--where", "nothing = 1"], "nothing"),
        (["--target", "pink"], "pink"),
        (["--budget", "1KB"], "budget"),
    ],
)
def test_what_is_wrong_is_a_sentence(
    file: Path, tmp_path: Path, words: list[str], sentence: str
) -> None:
    found = run(app, [*_words(file, tmp_path / "out"), *words])
    assert found.exit_code == 1
    assert sentence in found.stderr
    assert "Traceback" not in found.stderr


def test_sizes_are_read_as_people_write_them() -> None:
    assert [bytes_of(text) for text in ("10GB", "1.5 mb", "200", "2T")] == [
        10**10,
        1_500_000,
        200,
        2 * 10**12,
    ]
    with pytest.raises(InvalidInput):
        bytes_of("ten")
