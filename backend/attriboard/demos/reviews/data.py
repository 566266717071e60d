"""Sentences scored by people (Hutto and Gilbert, ICWSM 2014), and their lexicon of word valences.

Twenty people gave each sentence a score from -4 to 4. The data lies in the source archive of
vaderSentiment, which is fetched once; none of it is part of AttriBoard.
"""

from __future__ import annotations

import html
import io
import re
import tarfile
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypedDict

import torch
from torch import Tensor
from torch.utils.data import Dataset

from attriboard.demos.fetching import Archive, fetched

ARCHIVE = Archive(
    "vaderSentiment",
    "0.5",
    "vaderSentiment-0.5.zip",
    "5d97c37f3ef6e24eef331122e055dbedafeb6a56abfce0608b326701116ea49a",
)
INNER = "vaderSentiment-0.5/additional_resources/hutto_ICWSM_2014.tar.gz"
FILES = {
    "film review": "movieReviewSnippets_GroundTruth.txt",
    "product review": "amazonReviewSnippets_GroundTruth.txt",
    "tweet": "tweets_GroundTruth.txt",
}
LEXICON = "vader_sentiment_lexicon.txt"

CLASSES = ("negative", "positive")
CLEAR = 1.0  # sentences scored nearer to zero are neither, and left out
TESTED = 0.2  # the share of the sentences that no network sees in training
SEED = 0
RARE = 3  # words with fewer occurrences in the training sentences are unknown
PAD, UNK = "<pad>", "<unk>"
WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|[!?]")


class Item(TypedDict):
    """A sentence, whether it is positive, the mean score people gave it, and where it is from."""

    sentence: str
    label: int  # place in CLASSES
    rated: float  # -4 to 4
    source: str


@dataclass(frozen=True)
class Reviews:
    """All sentences that are clearly one or the other, and what is known about words."""

    items: Sequence[Item]
    tested: Tensor  # (N,), True in the test split
    vocabulary: Sequence[str]  # of the training sentences; a word's place is its id
    lexicon: Mapping[str, float]  # word -> valence, -4 to 4

    def split(self, tested: bool) -> list[Item]:
        """The sentences of one split."""
        return [item for item, held in zip(self.items, self.tested, strict=True) if held == tested]

    def ids(self, sentence: str) -> list[int]:
        """The ids of a sentence's words."""
        known, unknown = self.numbers, 1
        return [known.get(word, unknown) for word in words(sentence)]

    @property
    def numbers(self) -> Mapping[str, int]:
        return _numbers(tuple(self.vocabulary))


class Sentences(Dataset[Item]):
    """The sentences of the test split."""

    def __init__(self, store: Path | None = None) -> None:
        self.items = reviews(store).split(tested=True)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Item:
        return self.items[index]


def words(sentence: str) -> list[str]:
    """A sentence's words in lower case, with "!" and "?" as words of their own."""
    return WORD.findall(sentence.lower())


@cache
def reviews(store: Path | None = None) -> Reviews:
    """The data, fetched where it is not there yet. Raises AttriboardError where it cannot be."""
    texts = _texts(fetched(ARCHIVE, store))
    items = [item for source, file in FILES.items() for item in _items(texts[file], source)]
    generator = torch.Generator().manual_seed(SEED)
    tested = torch.rand(len(items), generator=generator) < TESTED
    learned = (item for item, held in zip(items, tested, strict=True) if not held)
    counts = Counter(word for item in learned for word in words(item["sentence"]))
    frequent = sorted(word for word, count in counts.items() if count >= RARE)
    return Reviews(items, tested, (PAD, UNK, *frequent), _valences(texts[LEXICON]))


@cache
def _numbers(vocabulary: tuple[str, ...]) -> dict[str, int]:
    return {word: number for number, word in enumerate(vocabulary)}


def _texts(path: Path) -> dict[str, str]:
    """The files of the inner archive, by name."""
    with zipfile.ZipFile(path) as outer:
        body = io.BytesIO(outer.read(INNER))
    texts = {}
    with tarfile.open(fileobj=body) as inner:
        for name in (*FILES.values(), LEXICON):
            found = inner.extractfile(f"hutto_ICWSM_2014/{name}")
            assert found is not None
            texts[name] = found.read().decode("latin-1" if name == LEXICON else "utf-8")
    return texts


def _items(text: str, source: str) -> list[Item]:
    items = []
    for line in text.splitlines():
        _, score, sentence = line.split("\t", 2)
        rated = float(score)
        plain = html.unescape(sentence).replace("''", '"').strip()
        if abs(rated) >= CLEAR and words(plain):
            items.append(Item(sentence=plain, label=int(rated > 0), rated=rated, source=source))
    return items


def _valences(text: str) -> dict[str, float]:
    rows = (line.split("\t") for line in text.splitlines() if line.strip())
    return {row[0]: float(row[1]) for row in rows}
