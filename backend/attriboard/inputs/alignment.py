"""Where tokens lie in their text, and which of them make up one word. Spans count characters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]

# A word with inner apostrophes or hyphens; one sign of a script without spaces; one other mark.
WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+(?:['’-]\w+)*|[^\w\s]"
)
# Up to a full stop or the like that a space, a closing quote or the end follows; or a line.
SENTENCE = re.compile(r"\S(?:.*?[.!?…]+[\"'”’)\]]*(?=\s|\Z)|[^\n]*)|[。！？]")
SPLITTERS = (
    WORD,
    re.compile(r"\w+|[^\w\s]"),
    re.compile(r"\S+"),
    re.compile(r"\w+"),
    re.compile(r"."),
)
START_OF_WORD = ("Ġ", "▁")
END_OF_WORD = "</w>"
INSIDE_WORD = "##"
SPECIAL = re.compile(r"(\[[^\]\s]+\]|<[^>\s]+>|<\|[^|]+\|>)\Z")


def surface(piece: str) -> str:
    """A vocabulary entry as it reads in a text: without the marks of subword tokenizers."""
    bare = piece.removesuffix(END_OF_WORD) or piece
    if bare.startswith((INSIDE_WORD, *START_OF_WORD)) and len(bare.lstrip("#Ġ▁")):
        return bare.removeprefix(INSIDE_WORD).lstrip("Ġ▁")
    return bare


def joined(pieces: Sequence[str]) -> tuple[str, list[Span]]:
    """A readable text made of vocabulary entries, and the span of each in it."""
    marked = any(piece.startswith(START_OF_WORD) or piece.endswith(END_OF_WORD) for piece in pieces)
    text, spans, space = "", [], False
    for piece in pieces:
        if marked:
            apart = space or piece.startswith(START_OF_WORD)
        else:
            apart = not piece.startswith(INSIDE_WORD) or len(piece) == len(INSIDE_WORD)
        text += " " if text and apart else ""
        shown = surface(piece)
        spans.append((len(text), len(text) + len(shown)))
        text += shown
        space = piece.endswith(END_OF_WORD)
    return text, spans


def located(text: str, pieces: Sequence[str]) -> list[Span | None]:
    """The span of each vocabulary entry, searched from left to right without regard to case.

    Entries that are not in the text (unknown words) take the words left between their neighbours
    where the numbers agree.
    """
    folded = text.lower() if len(text.lower()) == len(text) else text
    spans: list[Span | None] = []
    cursor = 0
    for piece in pieces:
        wanted = surface(piece)
        wanted = wanted.lower() if folded is not text or text.islower() else wanted
        at = folded.find(wanted, cursor) if wanted and not SPECIAL.match(piece) else -1
        spans.append((at, at + len(wanted)) if at >= 0 else None)
        cursor = at + len(wanted) if at >= 0 else cursor
    return _filled(text, spans)


def counted(text: str, count: int) -> list[Span | None]:
    """Spans by the first usual way to split `text` that gives `count` parts; else all None."""
    for splitter in SPLITTERS:
        parts = [match.span() for match in splitter.finditer(text)]
        if len(parts) == count:
            return list(parts)
    return [None] * count


def words(text: str, spans: Sequence[Span | None], special: Sequence[bool]) -> list[int]:
    """For each token the number of its word, from 0 in order; tokens outside a word stand alone."""
    return _grouped(_owners(text, WORD), spans, special)


def sentences(text: str, spans: Sequence[Span | None], special: Sequence[bool]) -> list[int]:
    """For each token the number of its sentence, from 0 in order; special tokens stand alone."""
    return _grouped(_owners(text, SENTENCE), spans, special)


def _grouped(
    owner: Sequence[int | None], spans: Sequence[Span | None], special: Sequence[bool]
) -> list[int]:
    ids: list[int] = []
    seen: dict[int, int] = {}
    count = 0
    for span, alone in zip(spans, special, strict=True):
        group = None if alone or span is None else _first_owner(owner, span)
        if group is None or group not in seen:
            ids.append(count)
            if group is not None:
                seen[group] = count
            count += 1
        else:
            ids.append(seen[group])
    return ids


def _filled(text: str, spans: list[Span | None]) -> list[Span | None]:
    filled = list(spans)
    start = 0
    while start < len(filled):
        if filled[start] is not None:
            start += 1
            continue
        end = start
        while end < len(filled) and filled[end] is None:
            end += 1
        before, after = (
            filled[start - 1] if start else None,
            filled[end] if end < len(filled) else None,
        )
        low, high = before[1] if before else 0, after[0] if after else len(text)
        gap = [match.span() for match in WORD.finditer(text, low, high)]
        if len(gap) == end - start:
            filled[start:end] = gap
        start = end
    return filled


def _owners(text: str, unit: re.Pattern[str]) -> list[int | None]:
    """For each character the number of the unit it lies in."""
    owner: list[int | None] = [None] * len(text)
    for number, match in enumerate(unit.finditer(text)):
        for position in range(*match.span()):
            owner[position] = number
    return owner


def _first_owner(owner: Sequence[int | None], span: Span) -> int | None:
    return next((found for found in owner[span[0] : span[1]] if found is not None), None)
