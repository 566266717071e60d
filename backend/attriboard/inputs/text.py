"""Text: words for any tokenizer, or ids where the dataset already holds them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from attriboard.inputs.alignment import joined, sentences, surface, words
from attriboard.inputs.base import Choice, Input
from attriboard.inputs.encoders import (
    MASK_NAMES,
    PAD_NAMES,
    UNK_NAMES,
    Encoder,
    Encoding,
    FromTokenizers,
    FromTransformers,
    Plain,
    TokenizerFault,
    id_list,
)

Vocabulary = Sequence[str] | Mapping[str, int] | Mapping[int, str]

FEATURES = (
    Choice("tokens", "Tokens", "Each token on its own."),
    Choice("words", "Words", "The tokens of one word together."),
    Choice("sentences", "Sentences", "The tokens of one sentence together; other tokens alone."),
)
LONGEST = 100_000  # characters a person may type
PAD = Choice(
    "pad",
    "Padding",
    "Padding in place of every token. A model that masks padding sees a shorter text then, and "
    "methods that add up may show a gap.",
)
UNK = Choice(
    "unk",
    "Unknown",
    "The unknown token in place of every token: a word is there, and nothing is known of it.",
)
MASK = Choice(
    "mask",
    "Mask",
    "The mask token in place of every token, which a model trained to fill masks has learned.",
)
REASONS = {
    "pad": "padding is what the model reads where there is no word.",
    "unk": "there is neither padding nor a mask token.",
    "mask": "the tokenizer has a mask token, which its model learned as a word that is not told.",
}


class Text(Input):
    """A text, as integer ids (L,) for the model.

    `tokenizer` is an object of `transformers` or `tokenizers`, or a function from a text to ids;
    a function may also return words, which `vocabulary` turns into ids. It may be left out where
    the dataset yields ids. `vocabulary` (a list, word -> id, or id -> word) or `decode` (ids to
    text) tell how ids read. `pad`, `unk` and `mask` are ids or vocabulary entries; what is left
    out is asked of the tokenizer and the vocabulary, and padding then falls back to 0.

    `length` pads and truncates every text to one length; without it texts keep their own, and
    only those of equal length share a batch. A text without tokens becomes one padding token.
    `embedding` is for a model that takes vectors: the module that turns ids (N, L) into them, which
    stands before the model then, and attributions are one number a token as for any text; leave it
    out where the model takes ids. `baseline` is the one
    used where none is chosen: "pad", "unk" or "mask".
    """

    modality = "text"

    def __init__(
        self,
        name: str,
        tokenizer: Any = None,
        embedding: torch.nn.Module | None = None,
        pad: int | str | None = None,
        *,
        vocabulary: Vocabulary | None = None,
        unk: int | str | None = None,
        mask: int | str | None = None,
        length: int | None = None,
        decode: Callable[[Any], str] | None = None,
        baseline: str | None = None,
    ) -> None:
        super().__init__(name)
        if length is not None and length < 1:
            raise self.invalid("length= must be at least 1 token.")
        if embedding is not None and not isinstance(embedding, torch.nn.Module):
            raise self.invalid(
                f"embedding= is {embedding!r:.60}; give the module that turns ids into vectors, "
                "for a model that takes vectors. A model that takes ids needs none."
            )
        self.tokenizer = tokenizer
        self.embedding = embedding
        self.length = length
        self._lock = threading.Lock()
        self._encoder = self._adapted(tokenizer, vocabulary, decode)
        self.unk = self._role(unk, UNK_NAMES, "unk")
        self.mask = self._role(mask, MASK_NAMES, "mask")
        self.pad = self._role(pad, PAD_NAMES, "pad")
        self._padding = self.pad  # what is known to be padding, and not taken to be
        plain = isinstance(self._encoder, Plain)
        if self.pad is None and (plain or (self.unk is None and self.mask is None)):
            self.pad = 0
        if isinstance(self._encoder, Plain):
            self._encoder.unk, self._encoder.pad = self.unk, self.pad
        known = self.baseline_kinds()
        self._baseline = baseline and self.chosen(baseline, known, "baseline")

    def _adapted(
        self, tokenizer: Any, vocabulary: Vocabulary | None, decode: Callable[[Any], str] | None
    ) -> Encoder:
        if hasattr(tokenizer, "convert_ids_to_tokens") and callable(tokenizer):
            return FromTransformers(tokenizer)
        if hasattr(tokenizer, "id_to_token") and hasattr(tokenizer, "encode"):
            return FromTokenizers(tokenizer)
        function = tokenizer if callable(tokenizer) else getattr(tokenizer, "encode", None)
        if tokenizer is not None and not callable(function):
            raise self.invalid(
                f"tokenizer= is a {type(tokenizer).__name__}, which can neither be called nor has "
                "an encode method. Give a function from a text to a list of ids."
            )
        reader = decode or getattr(tokenizer, "decode", None)
        return Plain(function, self._entries(vocabulary), reader)

    def _entries(self, vocabulary: Vocabulary | None) -> Mapping[int, str] | None:
        if vocabulary is None:
            return None
        pairs: list[tuple[Any, Any]] = (
            list(vocabulary.items())
            if isinstance(vocabulary, Mapping)
            else list(enumerate(vocabulary))
        )
        entries = {k if isinstance(k, int) else v: v if isinstance(k, int) else k for k, v in pairs}
        if not all(isinstance(k, int) and isinstance(v, str) for k, v in entries.items()):
            raise self.invalid(
                "vocabulary= must be a list of words in the order of their ids, or a dict from "
                "word to id or from id to word."
            )
        return entries

    def _role(self, given: int | str | None, names: Sequence[str], role: str) -> int | None:
        if isinstance(given, str):
            found = self._encoder.find((given,))
            if found is None:
                raise self.invalid(f"{role}={given!r} is not in the vocabulary; give its id.")
            return found
        if given is not None and given < 0:
            raise self.invalid(f"{role}= must be an id from 0, not {given}.")
        return self._encoder.find(names) if given is None else given

    # From raw value to tensor

    def tensor(self, raw: Any) -> Tensor:
        return torch.tensor(self.encoding(raw).ids, dtype=torch.int64)

    def mask_of(self, raw: Any) -> Tensor:
        """1 at each token of the text, 0 at the padding after it, int64 (L,)."""
        found = self.encoding(raw)
        return torch.tensor([int(index != self.pad) for index in found.ids], dtype=torch.int64)

    def padding(self, raw: Any) -> list[bool]:
        """Which of the tokens are padding at the end of the text, as far as that can be told.

        None of them in a text that is nothing else.
        """
        found = self.encoding(raw)
        kept = count = len(found.ids)
        while kept and self._pads(found, kept - 1):
            kept -= 1
        return [False] * count if kept == 0 else [place >= kept for place in range(count)]

    def _pads(self, found: Encoding, place: int) -> bool:
        added = self.length is not None and found.special[place] and found.spans[place] is None
        index = found.ids[place]
        return index == self._padding or (added and index == self._filler())

    def encoding(self, raw: Any) -> Encoding:
        """The tokens of a raw value: text or ids."""
        try:
            encoding = self._read(raw)
        except TokenizerFault as fault:
            raise self.invalid(f"{self._source(raw)} {fault}.") from None
        filler = self._filler()
        if self.length is not None:
            return encoding.cut(self.length, filler, self._encoder.piece(filler))
        return encoding if encoding.ids else encoding.cut(1, filler, self._encoder.piece(filler))

    def _source(self, raw: Any) -> str:
        return "the tokenizer" if isinstance(raw, str) else "the dataset"

    def _filler(self) -> int:
        return next((i for i in (self.pad, self.unk, self.mask) if i is not None), 0)

    def _read(self, raw: Any) -> Encoding:
        if not isinstance(raw, str):
            return self._from_ids(raw)
        if self.tokenizer is None:
            raise self.invalid(
                "the dataset yields texts, so tokenizer= is needed: a function from a text to a "
                "list of ids, or an object of transformers or tokenizers."
            )
        try:
            with self._lock:  # tokenizers change their own state while they work
                return self._encoder.encode(raw, self.length)
        except TokenizerFault:
            raise
        except Exception as error:
            shown = raw if len(raw) <= 60 else f"{raw[:57]}..."
            raise self.invalid(
                f"the tokenizer failed on {shown!r}: {type(error).__name__}: {error}"
            ) from error

    def _from_ids(self, raw: Any) -> Encoding:
        ids = tuple(id_list(raw))
        if any(isinstance(index, str) for index in ids):
            raise TokenizerFault("yields lists of words; yield the text itself, or ids")
        pieces = tuple(self._encoder.piece(index) for index in ids)
        shown = [str(index) if p is None else p for index, p in zip(ids, pieces, strict=True)]
        text, spans = joined(shown)
        special = tuple(self._encoder.special(index) for index in ids)
        return Encoding(text, ids, pieces, tuple(spans), special)

    # What is shown

    def view(self, raw: Any) -> dict[str, Any]:
        """The text with its tokens. `start` and `end` count UTF-16 units, as browsers do."""
        encoding = self.encoding(raw)
        place = _utf16(encoding.text)
        tokens = []
        for index, piece, span, special in zip(
            encoding.ids, encoding.pieces, encoding.spans, encoding.special, strict=True
        ):
            name = str(index) if piece is None else surface(piece)
            tokens.append(
                {
                    "text": name if span is None else encoding.text[span[0] : span[1]],
                    "id": index,
                    "start": None if span is None else place[span[0]],
                    "end": None if span is None else place[span[1]],
                    "special": special,
                }
            )
        return {"kind": "text", "text": encoding.text, "tokens": tokens}

    def search_text(self, raw: Any) -> str | None:
        return raw if isinstance(raw, str) else self.encoding(raw).text

    def summed(self, attribution: Tensor) -> Tensor:
        """One number a token: (L, D) -> (L,)."""
        return attribution if attribution.dim() <= 1 else attribution.flatten(1).sum(1)

    # Features and baselines

    def feature_kinds(self) -> tuple[Choice, ...]:
        return FEATURES

    def features(self, raw: Any, tensor: Tensor, kind: str) -> Tensor:
        self.chosen(kind, FEATURES, "way to group tokens")
        if kind == "tokens":
            return torch.arange(tensor.numel()).reshape(tensor.shape)
        encoding = self.encoding(raw)
        grouped = sentences if kind == "sentences" else words
        return torch.tensor(grouped(encoding.text, encoding.spans, encoding.special))

    def window(self, tensor: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """One token at a time."""
        return (1,) * tensor.dim(), (1,) * tensor.dim()

    def baseline_kinds(self) -> tuple[Choice, ...]:
        roles = ((PAD, self.pad), (UNK, self.unk), (MASK, self.mask))
        return tuple(choice for choice, index in roles if index is not None)

    @property
    def default_baseline(self) -> str:
        """The one asked for; else the mask token, padding or the unknown token, as there are."""
        roles = (("mask", self.mask), ("pad", self.pad), ("unk", self.unk))
        return self._baseline or next(role for role, index in roles if index is not None)

    @property
    def baseline_reason(self) -> str:
        return "the board asks for it." if self._baseline else REASONS[self.default_baseline]

    def baseline(
        self,
        kind: str,
        raw: Any,
        tensor: Tensor,
        sample: Sequence[Tensor],
        seed: int,
    ) -> Tensor:
        """The token of that kind throughout; special tokens, such as [CLS], stay."""
        self.chosen(kind, self.baseline_kinds(), "baseline")
        index = {"pad": self.pad, "unk": self.unk, "mask": self.mask}[kind]
        special = torch.tensor(self.encoding(raw).special, dtype=torch.bool)
        return torch.where(special, tensor, torch.full_like(tensor, index or 0))

    def matched(self, other: Tensor, like: Tensor) -> Tensor:
        """`other` truncated, or filled up with padding, to the length of `like`."""
        filled = torch.full_like(like, self._filler())
        count = min(len(other), len(like))
        filled[:count] = other[:count]
        return filled

    def from_file(self, source: Path | bytes) -> Any:
        """The text of a UTF-8 file."""
        if self.tokenizer is None:
            raise self.invalid("a text file needs tokenizer=, since the dataset yields ids.")
        try:
            body = source if isinstance(source, bytes) else source.read_bytes()
            return body.decode("utf-8-sig").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise self.invalid(f"the file cannot be read as UTF-8 text ({error}).") from error

    def parse(self, payload: Any) -> Any:
        """A typed text; ids, where the dataset yields ids; or the bytes of a UTF-8 file."""
        if isinstance(payload, str) and self.tokenizer is not None:
            if len(payload) > LONGEST:
                raise self.invalid(f"a text has at most {LONGEST:,} characters.")
            if any("\ud800" <= character <= "\udfff" for character in payload):
                raise self.invalid("the text holds half a character, which nothing can write.")
            return payload
        if isinstance(payload, list) and self.tokenizer is None:
            if len(payload) > LONGEST or not all(type(one) is int and one >= 0 for one in payload):
                raise self.invalid("a text without a tokenizer is a list of ids from 0.")
            return payload
        if isinstance(payload, bytes):
            return self.from_file(payload)
        given = "text" if self.tokenizer is not None else "list of ids, since it has no tokenizer="
        raise self.invalid(f"it is given as a {given}, not as a {type(payload).__name__}.")

    def config(self) -> Mapping[str, Any]:
        return {"length": self.length, "pad": self.pad, "unk": self.unk, "mask": self.mask}


def _utf16(text: str) -> list[int]:
    """For each character position, and the end, how many UTF-16 units come before it."""
    places, count = [0], 0
    for character in text:
        count += 2 if ord(character) > 0xFFFF else 1
        places.append(count)
    return places
