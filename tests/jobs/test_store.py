from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

from attriboard.engine.errors import InvalidInput
from attriboard.jobs import store_format
from attriboard.jobs.keys import digest
from attriboard.jobs.store import Store, StoreError

KEY = digest("one")
ARRAYS = {
    "photo": np.arange(12, dtype=np.float32).reshape(3, 2, 2),
    "question": np.array([0.5, -1.25], dtype=np.float32),
}
META: dict[str, Any] = {"key": KEY, "example": 3, "note": 'tricky "sha256":"' + "0" * 64, "é": "ü"}


def file_of(store: Store, key: str = KEY) -> Path:
    return store.path / "results" / key[:2] / f"{key}.safetensors"


def test_a_result_comes_back_as_it_was_after_a_restart(tmp_path: Path) -> None:
    Store(tmp_path).put(KEY, ARRAYS, META)
    store = Store(tmp_path)
    assert store.has(KEY)
    assert store.meta(KEY) == META
    body = store.body(KEY)
    assert body is not None
    arrays = load(body)
    assert set(arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
    length = int.from_bytes(body[:8], "little")
    assert json.loads(json.loads(body[8 : 8 + length])["__metadata__"]["meta"]) == META


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert not store.has(KEY)
    assert store.meta(KEY) is None
    assert store.body(KEY) is None


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "a" * 31, "A" * 32, "/" * 32, "a" * 33])
def test_only_a_key_ever_reaches_the_disk(tmp_path: Path, key: str) -> None:
    store = Store(tmp_path)
    assert not store.has(key)
    assert store.meta(key) is None
    assert store.body(key) is None
    with pytest.raises(ValueError, match="is not the key"):
        store.put(key, ARRAYS, META)


@pytest.mark.parametrize("kept", [0, 7, 8, 40, 0.5, -1])
def test_a_truncated_file_is_set_aside_and_counts_as_missing(
    tmp_path: Path, kept: float, caplog: pytest.LogCaptureFixture
) -> None:
    Store(tmp_path).put(KEY, ARRAYS, META)
    store = Store(tmp_path)
    body = file_of(store).read_bytes()
    length = int(len(body) * kept) if isinstance(kept, float) else kept
    file_of(store).write_bytes(body[:length])
    assert store.meta(KEY) is None
    assert not store.has(KEY)
    assert (tmp_path / "corrupt" / f"{KEY}.safetensors").exists()
    assert "damaged" in caplog.text
    store.put(KEY, ARRAYS, META)
    assert store.meta(KEY) == META


def test_a_flipped_bit_anywhere_is_found(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put(KEY, ARRAYS, META)
    body = file_of(store).read_bytes()
    for place in range(0, len(body), 5):
        file_of(store).write_bytes(body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :])
        assert store.body(KEY) is None, place
        assert store.meta(KEY) is None, place
        file_of(store).write_bytes(body)
        assert store.body(KEY) == body


def test_a_remembered_meta_does_not_outlive_its_file(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put(KEY, ARRAYS, META)
    assert store.meta(KEY) == META
    file_of(store).unlink()
    assert store.meta(KEY) is None


def test_what_an_interrupted_write_left_is_swept_at_open(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put(KEY, ARRAYS, META)
    left = tmp_path / "tmp" / "0123.0"
    left.write_bytes(b"half")
    again = Store(tmp_path)
    assert not left.exists()
    assert again.meta(KEY) == META


def test_a_write_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        store.put(KEY, ARRAYS, META)
    assert not store.has(KEY)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_killed_writer_never_leaves_half_a_result(tmp_path: Path) -> None:
    script = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from attriboard.jobs.store import Store; from attriboard.jobs.keys import digest\n"
        "store = Store(Path(sys.argv[1])); print('ready', flush=True)\n"
        "for n in range(10**6):\n"
        "    store.put(digest(n), {'x': np.full(50_000, n, np.float32)}, {'n': n})\n"
        "    print(n, flush=True)\n"
    )
    acknowledged = _kill_while_writing(script, tmp_path)
    store = Store(tmp_path)
    assert acknowledged > 3
    for n in range(acknowledged):
        assert store.body(digest(n)) is not None, n
    assert not (tmp_path / "corrupt").exists()
    assert list((tmp_path / "tmp").iterdir()) == []


def _kill_while_writing(script: str, path: Path) -> int:
    import subprocess
    import sys
    import time

    environment = {**os.environ, "PYTHONPATH": "backend"}
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.3)
    process.kill()
    lines = process.stdout.read().split("\n")
    process.wait()
    return len([line for line in lines[:-1] if line])


def test_eight_threads_write_and_read_the_same_keys(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keys = [digest(n) for n in range(10)]
    failures: list[str] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        for n, key in enumerate(keys):
            array = np.full(100, n, np.float32)
            store.put(key, {"x": array}, {"n": n})
            body = store.body(key)
            if body is None or store.meta(key) != {"n": n} or load(body)["x"][0] != n:
                failures.append(key)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_without_a_path_results_live_until_close() -> None:
    store = Store()
    store.put(KEY, ARRAYS, META)
    assert store.meta(KEY) == META
    store.close()
    assert not store.path.exists()


def names(store: Store) -> set[str]:
    return {file.stem for file in store.path.rglob("*.safetensors")}


def test_the_results_not_used_for_longest_make_room(tmp_path: Path) -> None:
    keys = [digest(str(number)) for number in range(5)]
    Store(tmp_path).put(keys[0], ARRAYS, META)
    size = file_of(Store(tmp_path), keys[0]).stat().st_size
    store = Store(tmp_path, limit=3 * size + size // 2)
    for key in keys[1:3]:
        store.put(key, ARRAYS, META)
    assert store.body(keys[0]) is not None  # used again, so the next to go is another
    store.put(keys[3], ARRAYS, META)
    assert names(store) == {keys[0], keys[2], keys[3]}
    assert store.meta(keys[1]) is None
    store.put(keys[4], ARRAYS, META)
    assert names(store) == {keys[0], keys[3], keys[4]}


def test_one_result_larger_than_the_limit_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path, limit=1)
    store.put(KEY, ARRAYS, META)
    assert store.body(KEY) is not None


def test_a_store_of_a_format_to_come_is_refused_and_left_alone(tmp_path: Path) -> None:
    Store(tmp_path).put(KEY, ARRAYS, META)
    (tmp_path / "format").write_text("2\n")
    with pytest.raises(InvalidInput, match="is of format 2, and this version"):
        Store(tmp_path)
    (tmp_path / "format").write_text("garbage")
    with pytest.raises(InvalidInput, match="holds 'garbage'"):
        Store(tmp_path)
    (tmp_path / "format").unlink()  # as the first version wrote it
    assert Store(tmp_path).meta(KEY) == META
    assert (tmp_path / "format").read_text() == "1\n"


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match=r"cannot be written.*--store"):
        Store(tmp_path / "file")


def test_a_store_of_an_older_format_is_brought_forward_step_by_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(tmp_path).put(KEY, ARRAYS, META)
    steps: list[str] = []
    monkeypatch.setattr(store_format, "FORMAT", 3)
    monkeypatch.setattr(
        store_format,
        "MIGRATIONS",
        {
            1: lambda folder: steps.append(f"1 {(folder / 'format').read_text().strip()}"),
            2: lambda folder: steps.append(f"2 {(folder / 'format').read_text().strip()}"),
        },
    )
    assert Store(tmp_path).meta(KEY) == META
    assert steps == ["1 1", "2 2"]
    assert (tmp_path / "format").read_text() == "3\n"
    assert Store(tmp_path).meta(KEY) == META
    assert len(steps) == 2
