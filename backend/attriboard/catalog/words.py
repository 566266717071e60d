"""Text search in memory: which examples' texts contain a string, found by way of their words.

A string without a space lies within one word, so it is looked for in the list of different words
and then only the places of those words are read. A string with spaces is a run of words whose
first and last may be cut. Over a million questions that takes a few milliseconds, where reading
every text takes a hundred.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt

SPACE = " "
BLOCK = 20_000
MOST_WORDS = 20_000_000
"""Words in all texts together, at twelve bytes each; beyond, the table is read instead."""

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Words:
    """The words of one column of texts, one after another over all examples.

    codes: which word stands at each place; rows: which example that place belongs to. `order`
    lists the places by word, and `ends` where each word's part of that list ends.
    """

    size: int
    known: Mask
    vocabulary: tuple[str, ...]
    codes: Places
    rows: Places
    order: Places
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
        return Words(
            size,
            known,
            tuple(numbers),
            joined,
            np.repeat(np.flatnonzero(known).astype(np.int32), lengths),
            np.argsort(joined, kind="stable").astype(np.int32),
            np.cumsum(np.bincount(joined, minlength=len(numbers))),
        )

    def containing(self, text: str) -> Mask:
        """Where a text contains `text`, which is folded as the texts are."""
        found = np.zeros(self.size, np.bool_)
        first, *rest = text.split(SPACE)
        if not rest:
            places = self._places(first in word for word in self.vocabulary)
        else:
            places = self._places(word.endswith(first) for word in self.vocabulary)
            for step, part in enumerate(rest, 1):
                last = step == len(rest)
                fits = [w.startswith(part) if last else w == part for w in self.vocabulary]
                places = self._followed(places, step, np.array(fits, np.bool_))
        found[self.rows[places]] = True
        return found

    def _places(self, chosen: Iterable[bool]) -> Places:
        """Where any of the chosen words stand."""
        parts = [self._of(code) for code, take in enumerate(chosen) if take]
        return np.concatenate(parts) if parts else np.zeros(0, np.int32)

    def _of(self, code: int) -> Places:
        start = self.ends[code - 1] if code else 0
        places: Places = self.order[start : self.ends[code]]
        return places

    def _followed(self, places: Places, step: int, fits: Mask) -> Places:
        """Those of `places` that a fitting word follows `step` words later in the same text."""
        places = places[places < len(self.codes) - step]
        later = places + np.int32(step)
        kept: Places = places[fits[self.codes[later]] & (self.rows[later] == self.rows[places])]
        return kept


def blocks(texts: Sequence[str | None]) -> Iterator[Sequence[str | None]]:
    """The texts, BLOCK at a time."""
    for start in range(0, len(texts), BLOCK):
        yield texts[start : start + BLOCK]
