"""Tokenizers of every common kind, each seen as one thing: a text becomes an `Encoding`.

A tokenizer is an object of `transformers` or `tokenizers`, an object with `encode`, or a function
from a text to ids or to words. None of these packages is imported; objects are told by what they
can do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from attriboard.inputs.alignment import SPECIAL, Span, counted, located

PAD_NAMES = ("[PAD]", "<pad>", "<PAD>", "<|pad|>", "<blank>")
UNK_NAMES = ("[UNK]", "<unk>", "<UNK>", "<oov>", "<OOV>")
MASK_NAMES = ("[MASK]", "<mask>", "<MASK>")


class TokenizerFault(Exception):
    """What a tokenizer gave cannot be used; the message is the end of a sentence."""


@dataclass(frozen=True)
class Encoding:
    """A text as the model reads it: one id, vocabulary entry, span and flag a token."""

    text: str
    ids: tuple[int, ...]
    pieces: tuple[str | None, ...]
    spans: tuple[Span | None, ...]
    special: tuple[bool, ...]

    def cut(self, length: int, pad: int, piece: str | None) -> Encoding:
        """The first `length` tokens, filled up with padding."""
        missing = max(0, length - len(self.ids))
        return Encoding(
            self.text,
            self.ids[:length] + (pad,) * missing,
            self.pieces[:length] + (piece,) * missing,
            self.spans[:length] + (None,) * missing,
            self.special[:length] + (True,) * missing,
        )


class Encoder(Protocol):
    """What `Text` asks of a tokenizer."""

    def encode(self, text: str, length: int | None) -> Encoding: ...
    def piece(self, index: int) -> str | None: ...
    def find(self, names: Sequence[str]) -> int | None: ...
    def special(self, index: int) -> bool: ...


class Plain:
    """A function from a text to ids or to words, with or without a vocabulary."""

    def __init__(
        self,
        function: Callable[[str], Any] | None,
        vocabulary: Mapping[int, str] | None = None,
        decode: Callable[[Any], str] | None = None,
        unk: int | None = None,
        pad: int | None = None,
    ) -> None:
        self.function = function
        self.vocabulary = vocabulary
        self.decode = decode
        self.numbers = {piece: index for index, piece in (vocabulary or {}).items()}
        self.unk = unk
        self.pad = pad

    def encode(self, text: str, length: int | None) -> Encoding:
        assert self.function is not None
        found = id_list(self.function(text))
        names = [item if isinstance(item, str) else None for item in found]
        ids = tuple(self._number(item) if isinstance(item, str) else item for item in found)
        pieces = [name or self.piece(index) for name, index in zip(names, ids, strict=True)]
        end = len(ids)
        while end and self.pad is not None and ids[end - 1] == self.pad:
            end -= 1
        spans = self._spans(text, pieces[:end]) + [None] * (len(ids) - end)
        special = tuple(
            place >= end or (spans[place] is None and self.special(index))
            for place, index in enumerate(ids)
        )
        return Encoding(text, ids, tuple(pieces), tuple(spans), special)

    def _spans(self, text: str, pieces: Sequence[str | None]) -> list[Span | None]:
        known = [piece for piece in pieces if piece is not None]
        return located(text, known) if len(known) == len(pieces) else counted(text, len(pieces))

    def _number(self, word: str) -> int:
        index = self.numbers.get(word, self.unk)
        if index is None:
            reason = "vocabulary= lacks it" if self.vocabulary else "there is no vocabulary="
            raise TokenizerFault(f"returned the word {word!r}, but {reason} and unk= is not given")
        return index

    def piece(self, index: int) -> str | None:
        if self.vocabulary is not None:
            return self.vocabulary.get(index)
        return None if self.decode is None else _decoded(self.decode, index)

    def find(self, names: Sequence[str]) -> int | None:
        return next((self.numbers[name] for name in names if name in self.numbers), None)

    def special(self, index: int) -> bool:
        piece = self.vocabulary.get(index) if self.vocabulary else None
        return piece is not None and index != self.unk and bool(SPECIAL.match(piece))


class FromTokenizers:
    """A `tokenizers.Tokenizer`."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer

    def encode(self, text: str, length: int | None) -> Encoding:
        found = self.tokenizer.encode(text)
        special = tuple(bool(flag) for flag in found.special_tokens_mask)
        spans = _spans(found.offsets, special)
        return Encoding(text, tuple(found.ids), tuple(found.tokens), spans, special)

    def piece(self, index: int) -> str | None:
        name: str | None = self.tokenizer.id_to_token(index)
        return name

    def find(self, names: Sequence[str]) -> int | None:
        found = (self.tokenizer.token_to_id(name) for name in names)
        return next((index for index in found if index is not None), None)

    def special(self, index: int) -> bool:
        piece = self.piece(index)
        return piece is not None and piece not in UNK_NAMES and bool(SPECIAL.match(piece))


class FromTransformers:
    """A tokenizer of `transformers`, fast or slow."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.fast = bool(getattr(tokenizer, "is_fast", False))

    def encode(self, text: str, length: int | None) -> Encoding:
        found = self.tokenizer(
            text,
            truncation=length is not None,
            max_length=length,
            return_special_tokens_mask=True,
            return_offsets_mapping=self.fast,
        )
        ids = tuple(found["input_ids"])
        special = tuple(bool(flag) for flag in found["special_tokens_mask"])
        pieces = tuple(self.tokenizer.convert_ids_to_tokens(list(ids)))
        if self.fast:
            spans = _spans(found["offset_mapping"], special)
        else:
            spans = tuple(located(text, pieces))
        return Encoding(text, ids, pieces, spans, special)

    def piece(self, index: int) -> str | None:
        name: str | None = self.tokenizer.convert_ids_to_tokens(index)
        return name

    def find(self, names: Sequence[str]) -> int | None:
        role = "pad" if names is PAD_NAMES else "unk" if names is UNK_NAMES else "mask"
        # Asking for a token that is not set makes transformers write to the log; its name is quiet.
        if self.tokenizer.special_tokens_map.get(f"{role}_token") is None:
            return None
        index: int | None = getattr(self.tokenizer, f"{role}_token_id")
        return index

    def special(self, index: int) -> bool:
        return index in self.tokenizer.all_special_ids and index != self.find(UNK_NAMES)


def id_list(found: Any) -> list[Any]:
    """A flat list of ids or words out of what tokenizers return."""
    if isinstance(found, Mapping) and "input_ids" in found:
        found = found["input_ids"]
    found = getattr(found, "ids", found)
    if hasattr(found, "tolist"):
        found = found.tolist()
    items = list(found) if isinstance(found, (list, tuple)) else None
    if items is not None and len(items) == 1 and isinstance(items[0], (list, tuple)):
        items = list(items[0])
    if items is None or not all(_is_token(item) for item in items):
        raise TokenizerFault(f"returned {_brief(found)}, not a list of ids")
    return items


def _is_token(item: Any) -> bool:
    if isinstance(item, str):
        return True
    return isinstance(item, int) and not isinstance(item, bool) and item >= 0


def _brief(found: Any) -> str:
    shown = repr(found)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _decoded(decode: Callable[[Any], str], index: int) -> str | None:
    """One id as text: `decode` may take a list of ids, as tokenizers do, or a single one."""
    try:
        return str(decode([index]))
    except (TypeError, KeyError, ValueError):
        return str(decode(index))


def _spans(offsets: Sequence[tuple[int, int]], special: Sequence[bool]) -> tuple[Span | None, ...]:
    return tuple(
        None if flag or start == end else (start, end)
        for (start, end), flag in zip(offsets, special, strict=True)
    )
