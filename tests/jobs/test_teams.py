"""Threads that have computed keep no helpers, which would slow down the next one that computes."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="GNU's OpenMP alone")

COMPUTING = """
    import os, threading, time
    import torch

    def helpers():
        time.sleep(0.05)  # a thread that has ended is listed for a moment longer
        return len(os.listdir("/proc/self/task")) - threading.active_count() - before

    def compute():
        torch.ones(1 << 20) / 2  # large enough for a team
        return helpers()

    torch.ones(1)
    before = len(os.listdir("/proc/self/task")) - threading.active_count()
"""

JOBS = """
    from attriboard.jobs.job import Priority
    from attriboard.jobs.queue import Queue

    queue = Queue(seats=1)
    found = []
    for number in range(6):
        priority = Priority.INTERACTIVE if number % 2 else Priority.BACKGROUND
        job = queue.submit("test", str(number), lambda context: found.append(compute()), priority)
        assert job.wait(20)
    while not queue.at_rest():
        pass
    print(*found, helpers())
"""

ASKED = """
    from attriboard.jobs.queue import Queue

    queue = Queue(seats=1)
    compute()
    found = []
    job = queue.submit("test", "", lambda context: found.append(compute()))
    assert job.wait(20)
    while not queue.at_rest():
        pass
    print(*found, helpers())
"""

LANES = """
    from attriboard.jobs.lanes import Lanes
    from attriboard.jobs.queue import Queue

    found = []

    def work(context):
        compute()
        with Lanes(context) as lanes:
            for number in range(3):
                compute()
                lanes.give(number, lambda batch, lane: batch)
                lanes.take()
                found.append(helpers())

    queue = Queue(seats=1)
    job = queue.submit("test", "", work)
    assert job.wait(20)
    print(*found)
"""

REQUESTS = """
    from fastapi import APIRouter, FastAPI
    from fastapi.testclient import TestClient
    from attriboard.api.endpoints import Brief

    router = APIRouter(route_class=Brief)

    @router.get("/")
    def answer() -> int:
        return compute()

    app = FastAPI()
    app.include_router(router)
    with TestClient(app) as client:
        print(client.get("/").json(), client.get("/").json(), helpers())
"""

LAUNCH = """
    from tempfile import mkdtemp
    import attriboard as ab
    from attriboard.api.launch import Running
    from attriboard.jobs.teams import disband

    found = compute()
    board = ab.Board(
        torch.nn.Linear(1, 2), [{"a": 1.0}],
        inputs=[ab.Tabular("row", columns=[ab.Column("a", mean=0.0, std=1.0)])],
        output=ab.Classes(["no", "yes"]),
    )
    running = Running(board, "127.0.0.1", None, None, "", (), mkdtemp())
    after = helpers()
    disband()
    print(found, after - helpers())
    running.socket.close()
"""


FORK = """
    from attriboard.jobs.teams import disband

    compute()
    {before}
    child = os.fork()
    if not child:
        torch.set_num_threads(1)
        disband()
        os._exit(7)
    _, code = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(code))
"""

DELETED = """
    import ctypes, glob, shutil, tempfile
    from attriboard.jobs.teams import disband

    library = glob.glob(os.path.join(os.path.dirname(torch.__file__), "lib", "libgomp*"))
    with tempfile.TemporaryDirectory() as folder:
        for path in library:
            ctypes.CDLL(shutil.copy(path, folder))
    compute()
    disband()
    print(helpers())
"""


def test_a_job_leaves_no_helpers_behind() -> None:
    assert counts(JOBS) == [1, 1, 1, 1, 1, 1, 0]


def test_who_asks_for_a_job_leaves_the_computing_to_it() -> None:
    assert counts(ASKED) == [1, 0]


def test_who_feeds_lanes_leaves_the_computing_to_them() -> None:
    assert counts(LANES) == [0, 0, 0]


def test_an_answer_leaves_no_helpers_behind() -> None:
    assert counts(REQUESTS) == [1, 1, 0]


def test_who_serves_a_board_keeps_no_helpers() -> None:
    assert counts(LAUNCH) == [1, 0]


@pytest.mark.parametrize("before", ["", "disband(); compute()"])
def test_a_fork_does_not_wait_for_helpers_it_does_not_have(before: str) -> None:
    assert counts(FORK.format(before=before)) == [7]


def test_a_library_whose_file_is_gone_is_left_alone() -> None:
    assert counts(DELETED) == [0]


def counts(script: str) -> list[int]:
    """What `script` prints, in a process whose torch computes with two threads."""
    source = textwrap.dedent(COMPUTING) + textwrap.dedent(script)
    done = subprocess.run(
        [sys.executable, "-c", source],
        env={**os.environ, "OMP_NUM_THREADS": "2"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return [int(word) for word in done.stdout.split()]
