"""Prompts: the same few texts with every example, such as the classes CLIP chooses from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attriboard.inputs.alignment import Span
from attriboard.inputs.encoders import Encoding
from attriboard.inputs.text import Text


class Prompts(Text):
    """Texts that stand with every example, as the ids of one after another (L,).

    lengths: how many tokens each has, which `length` makes the same. The dataset does not hold
    them. On the page each has a line of its own, and is one of the "sentences" that methods may
    replace together.
    """

    def __init__(
        self,
        name: str,
        texts: Sequence[str],
        tokenizer: Any,
        pad: int | None = None,
        length: int | None = None,
    ) -> None:
        super().__init__(name, tokenizer, pad=pad, length=length)
        self._texts = [" ".join(text.split()) for text in texts]
        self._encoding = _together([super(Prompts, self).encoding(one) for one in self._texts])
        self.lengths = tuple(len(super(Prompts, self).encoding(one).ids) for one in self._texts)

    @property
    def fixed(self) -> Any:
        return "\n".join(self._texts)

    def encoding(self, raw: Any) -> Encoding:
        return self._encoding

    def search_text(self, raw: Any) -> str | None:
        """None: a search would find every example."""
        return None

    def parse(self, payload: Any) -> Any:
        raise self.invalid("its texts are those of the board; make a board with others.")


def _together(parts: Sequence[Encoding]) -> Encoding:
    """Texts as lines of one."""
    spans: list[Span | None] = []
    start = 0
    for part in parts:
        spans += [span and (span[0] + start, span[1] + start) for span in part.spans]
        start += len(part.text) + 1
    return Encoding(
        "\n".join(part.text for part in parts),
        tuple(index for part in parts for index in part.ids),
        tuple(piece for part in parts for piece in part.pieces),
        tuple(spans),
        tuple(flag for part in parts for flag in part.special),
    )
