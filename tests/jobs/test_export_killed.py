"""An export whose process is killed three times ends as one that was left alone, byte for byte."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

SOON = 120.0
KILLS = 3
# One row a block: the sums of a block's rows depend, in their last bits, on how many there are.
SCRIPT = """
import sys
from pathlib import Path

import torch

from attriboard.catalog import Query
from attriboard.jobs import export
from attriboard.jobs.export_plan import ExportRequest
from attriboard.jobs.limits import Limits
from attriboard.jobs.session import Session
from tests.jobs.boards import Questions, Watch, board

torch.set_num_threads(1)
export.SHARD = 5
out, store, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
watch = Watch()
session = Session(board(dataset=Questions(24), watch=watch), store, limits=Limits(memory=1))
predicting = session.start()
if predicting is not None:
    predicting.wait()
watch.seconds = seconds
request = ExportRequest(methods=[("IntegratedGradients", {"n_steps": 5}), ("Saliency", {})])
job = session.export(Query(), request, out, 10**9)
job.wait()
session.close()
sys.exit(0 if job.state == "done" else 1)
"""


def test_killed_three_times_it_ends_the_same(tmp_path: Path) -> None:
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    assert _start(calm, tmp_path / "one", 0).wait(SOON) == 0
    for _ in range(KILLS):
        _kill_amid(killed, tmp_path / "two")
        assert b'"complete": false' in (killed / "manifest.json").read_bytes()
    assert _start(killed, tmp_path / "two", 0).wait(SOON) == 0
    assert _files(killed) == _files(calm)


def _start(out: Path, store: Path, seconds: float) -> subprocess.Popen[bytes]:
    words = [str(out), str(store), str(seconds)]
    return subprocess.Popen([sys.executable, "-c", SCRIPT, *words])


def _kill_amid(out: Path, store: Path) -> None:
    """Kill a run once it has written a shard of its own."""
    before = len(list(out.rglob("*.parquet")))
    process = _start(out, store, 0.001)
    deadline = time.monotonic() + SOON
    while len(list(out.rglob("*.parquet"))) <= before:
        assert process.poll() is None, "It ended before it could be killed."
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(SOON)


def _files(out: Path) -> dict[str, bytes]:
    found = (path for path in out.rglob("*") if path.is_file())
    return {str(path.relative_to(out)): path.read_bytes() for path in found}
