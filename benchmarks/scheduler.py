"""A small simulation of a sweep on many workers: blocks from one queue, stragglers and failures.

    python -m benchmarks.scheduler            # prints the tables of docs/scaling.md
    python -m benchmarks.scheduler --write    # writes them into the page

Events are played in the order of their time on a heap, and every random draw comes from the seed,
so that the same seed gives the same figures on any machine. A worker takes the next block when it
is free, and one that dies gives its block back: both as the executors do.
"""

from __future__ import annotations

import argparse
import heapq
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "scaling.md"
HOUR = 3600.0


@dataclass(frozen=True)
class World:
    """What is simulated. Times are in seconds.

    blocks, block: how many blocks of work there are, and what one takes on an ordinary worker.
    overhead: what the one scheduler takes to hand out a block, one after the other. spread: the
    standard deviation of a block's time, as a share of it. slow, slowness: the share of workers
    that are stragglers, and how many times as long they take. death: the mean time until a worker
    dies; 0 is never. replace: until a dead worker's place is taken. backups: whether an idle
    worker computes a copy of a block that is late, of which the first to end counts.
    """

    blocks: int
    block: float = 0.5
    workers: int = 8
    overhead: float = 0.002
    spread: float = 0.1
    slow: float = 0.0
    slowness: float = 4.0
    death: float = 0.0
    replace: float = 30.0
    backups: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Outcome:
    """seconds: until the last block is done. efficiency: work that was needed over the time that
    the ordinary workers would have had. lost: work that was thrown away, as a share of all needed.
    deaths: workers that died. copies: blocks computed twice."""

    seconds: float
    efficiency: float
    lost: float
    deaths: int
    copies: int


class Sweep:
    """One run of a World."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._draw = random.Random(world.seed)
        self._events: list[tuple[float, int, str, int]] = []
        self._number = 0
        self._left = list(range(world.blocks - 1, -1, -1))
        self._done: set[int] = set()
        self._under_way: dict[int, tuple[int, float, float]] = {}  # worker: block, began, ends
        self._idle: list[int] = []
        count = round(world.slow * world.workers)
        self._pace = [world.slowness if w < count else 1.0 for w in range(world.workers)]
        self._wasted = self._free = 0.0  # free: when the scheduler can hand out the next block
        self._deaths = self._copies = 0
        self._alive = [0] * world.workers  # grows with each death, so that stale events are known

    def run(self) -> Outcome:
        """Play all events."""
        for worker in range(self._world.workers):
            self._join(worker, 0.0)
        now = 0.0
        while len(self._done) < self._world.blocks:
            now, _, tag, worker = heapq.heappop(self._events)
            kind, _, life = tag.partition(":")
            if int(life) != self._alive[worker]:
                continue
            {"end": self._end, "die": self._die, "join": self._join}[kind](worker, now)
        needed = self._world.blocks * self._world.block
        share = needed / (now * self._world.workers)
        return Outcome(now, share, self._wasted / needed, self._deaths, self._copies)

    def _at(self, time: float, kind: str, worker: int) -> None:
        self._number += 1
        heapq.heappush(self._events, (time, self._number, f"{kind}:{self._alive[worker]}", worker))

    def _join(self, worker: int, now: float) -> None:
        if self._world.death:
            self._at(now + self._draw.expovariate(1 / self._world.death), "die", worker)
        self._next(worker, now)

    def _next(self, worker: int, now: float) -> None:
        block = self._take(worker, now)
        if block is None:
            self._idle.append(worker)
            return
        world = self._world
        time = max(0.1, self._draw.gauss(1.0, world.spread)) * world.block * self._pace[worker]
        self._free = max(now, self._free) + world.overhead
        self._under_way[worker] = block, now, self._free + time
        self._at(self._free + time, "end", worker)

    def _take(self, worker: int, now: float) -> int | None:
        if self._left:
            return self._left.pop()
        if not self._world.backups:
            return None
        copied = [block for block, _, _ in self._under_way.values()]
        late = [
            (ends, block)
            for block, began, ends in self._under_way.values()
            if copied.count(block) == 1 and now - began > 1.5 * self._world.block
        ]
        if not late or self._pace[worker] > 1:
            return None
        self._copies += 1
        return max(late)[1]

    def _end(self, worker: int, now: float) -> None:
        block, began, _ = self._under_way.pop(worker)
        if block in self._done:
            self._wasted += now - began
        self._done.add(block)
        self._next(worker, now)
        self._wake(now)

    def _die(self, worker: int, now: float) -> None:
        self._deaths += 1
        self._alive[worker] += 1
        if worker in self._idle:
            self._idle.remove(worker)
        found = self._under_way.pop(worker, None)
        if found is not None:
            block, began, _ = found
            self._wasted += now - began
            if block not in self._done:
                self._left.append(block)
        self._at(now + self._world.replace, "join", worker)
        self._wake(now)

    def _wake(self, now: float) -> None:
        waiting, self._idle = self._idle, []
        for worker in waiting:
            self._next(worker, now)


def simulate(world: World) -> Outcome:
    """What becomes of a sweep."""
    return Sweep(world).run()


BASE = World(blocks=4000)
"""4,000 blocks of half a second: a share of a long sweep that shows its pace."""


def tables(scale: float = 1.0) -> dict[str, list[str]]:
    """The rows of the page's tables by name. `scale`: a share of the blocks, for a quick look."""
    base = replace(BASE, blocks=max(1, round(BASE.blocks * scale)))
    return {
        "blocks": list(_blocks(base)),
        "stragglers": list(_stragglers(base)),
        "failures": list(_failures(base)),
        "workers": list(_workers(base)),
    }


def _blocks(base: World) -> Iterator[str]:
    """The same work cut into blocks of different lengths."""
    whole = base.blocks * base.block
    for block in (0.02, 0.05, 0.5, 5.0, 50.0):
        found = simulate(replace(base, block=block, blocks=max(1, round(whole / block))))
        yield f"| {block:g} s | {found.efficiency:.3f} |"


def _stragglers(base: World) -> Iterator[str]:
    for slow in (0.0, 0.125, 0.25):
        world = replace(base, slow=slow)
        capacity = 1 - slow + slow / world.slowness
        plain, backed = simulate(world), simulate(replace(world, backups=True))
        fixed = 1 / world.slowness if slow else 1.0
        yield (
            f"| {slow:.1%} | {capacity:.3f} | {plain.efficiency:.3f} | {backed.efficiency:.3f} "
            f"| {fixed:.3f} |"
        )


def _failures(base: World) -> Iterator[str]:
    for death in (0.0, HOUR, 600.0, 60.0):
        found = simulate(replace(base, workers=64, blocks=8 * base.blocks, death=death))
        often = "never" if not death else f"{death:g} s"
        yield f"| {often} | {found.deaths} | {found.lost:.2%} | {found.efficiency:.3f} |"


def _workers(base: World) -> Iterator[str]:
    """More workers on as much more work, with blocks of two lengths."""
    for workers in (1, 8, 64, 512):
        cells = []
        for block in (base.block, 10 * base.block):
            count = max(1, round(base.blocks * base.block / block * workers / 8))
            found = simulate(replace(base, workers=workers, block=block, blocks=count))
            cells.append(f"{found.efficiency:.3f}")
        yield f"| {workers} | {' | '.join(cells)} |"


def written(text: str, rows: dict[str, list[str]]) -> str:
    """The page with these rows below the head of each table."""
    for name, lines in rows.items():
        head = re.escape(f"<!-- {name} -->")
        pattern = rf"({head}\n(?:\|.*\n){{2}})(?:\|.*\n)*"
        text = re.sub(pattern, lambda m, lines=lines: m[1] + "\n".join(lines) + "\n", text)
    return text


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Simulate a sweep on many workers.")
    parser.add_argument("--write", action="store_true", help="write the figures into the page")
    asked = parser.parse_args(words)
    rows = tables()
    for name, lines in rows.items():
        print(name, *lines, sep="\n")
    if asked.write:
        PAGE.write_text(written(PAGE.read_text(), rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
