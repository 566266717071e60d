"""Text search in memory: which examples' texts contain a string, found by way of their words.

A string without a space lies within one word, so it is looked for in the list of different words
and then only the places of those words are read. A string with spaces is a run of words whose
first and last may be cut. Over a million questions that takes a few milliseconds, where reading
every text takes a hundred.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

SPACE = " "
BLOCK = 20_000
MOST_WORDS = 20_000_000
"""Words in all texts together, at sixteen bytes each; beyond, the table is read instead."""

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Words:
    """The words of one column of texts, one after another over all examples.

    codes: which word stands at each place; rows: which example that place belongs to. `order`
    lists the places by word, `holders` the examples they belong to, and `ends` where each word's
    part of these two lists ends.
    """

    size: int
    known: Mask
    vocabulary: tuple[str, ...]
    codes: Places
    rows: Places
    order: Places
    holders: Places
    ends: npt.NDArray[np.int64]

    @staticmethod
    def of(texts: Iterable[Sequence[str | None]], size: int) -> Words | None:
        """Of blocks of texts, example by example; None where there are too many words."""
        codes: list[Places] = []
        counts: list[Places] = []
        numbers: defaultdict[str, int] = defaultdict(count().__next__)
        known = np.zeros(size, np.bool_)
        total = start = 0
        for block in texts:
            held = [text for text in block if text is not None]
            known[start : start + len(block)] = [text is not None for text in block]
            start += len(block)
            if not held:
                continue
            words = SPACE.join(held).split(SPACE)
            total += len(words)
            if total > MOST_WORDS:
                return None
            codes.append(np.fromiter(map(numbers.__getitem__, words), np.int32, len(words)))
            counts.append(np.array([text.count(SPACE) + 1 for text in held], np.int32))
        joined = np.concatenate(codes) if codes else np.zeros(0, np.int32)
        lengths = np.concatenate(counts) if counts else np.zeros(0, np.int32)
        rows = np.repeat(np.flatnonzero(known).astype(np.int32), lengths)
        order = np.argsort(joined, kind="stable").astype(np.int32)
        return Words(
            size,
            known,
            tuple(numbers),
            joined,
            rows,
            order,
            rows[order],
            np.cumsum(np.bincount(joined, minlength=len(numbers))),
        )

    def containing(self, text: str) -> Mask:
        """Where a text contains `text`, which is folded as the texts are."""
        found = np.zeros(self.size, np.bool_)
        first, *rest = text.split(SPACE)
        if not rest:
            for part in self._parts(self._fitting(lambda word: first in word)):
                found[self.holders[part]] = True
            return found
        *middle, last = rest
        run = [self._fitting(lambda word: word.endswith(first))]
        run += [self._fitting(part.__eq__) for part in middle]
        run.append(self._fitting(lambda word: word.startswith(last)))
        found[self.rows[self._begins(run)]] = True
        return found

    def _fitting(self, fits: Callable[[str], bool]) -> Mask:
        return np.fromiter(map(fits, self.vocabulary), np.bool_, len(self.vocabulary))

    def _parts(self, chosen: Mask) -> Iterator[slice]:
        """The chosen words' parts of `order` and `holders`."""
        for code in np.flatnonzero(chosen).tolist():
            yield slice(self.ends[code - 1] if code else 0, self.ends[code])

    def _begins(self, run: Sequence[Mask]) -> Places:
        """Where a run of fitting words begins within one text, searched from the rarest of them."""
        counts = np.diff(self.ends, prepend=0)
        rarest = min(range(len(run)), key=lambda step: int(counts[run[step]].sum()))
        parts = [self.order[part] for part in self._parts(run[rarest])]
        begins = (np.concatenate(parts) if parts else np.zeros(0, np.int32)) - np.int32(rarest)
        begins = begins[(begins >= 0) & (begins <= len(self.codes) - len(run))]
        for step, fits in enumerate(run):
            if step != rarest:
                begins = begins[fits[self.codes[begins + np.int32(step)]]]
        kept: Places = begins[self.rows[begins] == self.rows[begins + np.int32(len(run) - 1)]]
        return kept


def blocks(texts: Sequence[str | None]) -> Iterator[Sequence[str | None]]:
    """The texts, BLOCK at a time."""
    for start in range(0, len(texts), BLOCK):
        yield texts[start : start + BLOCK]
