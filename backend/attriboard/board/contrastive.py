"""Models of the CLIP kind: a picture against one text, or against several that are fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attriboard.engine.errors import InvalidInput

Texts = Sequence[str] | Mapping[str, str]


def is_contrastive(model: nn.Module) -> bool:
    """Whether a model of `transformers` scores how well pictures and texts fit."""
    return hasattr(model, "logit_scale")


class Against(nn.Module):
    """A picture against several texts: scores (N, T), each the model's own `logits_per_image`.

    Called with pictures and the ids of all texts one after another (N, L), of `lengths` tokens.
    Each text is read alone, so that rows of a batch stay apart.
    """

    def __init__(self, model: nn.Module, lengths: Sequence[int]) -> None:
        super().__init__()
        self.model = model
        self.lengths = tuple(lengths)

    def forward(self, pictures: Tensor, ids: Tensor) -> Tensor:
        model: Any = self.model
        seen = _embedding(model.get_image_features(pixel_values=pictures))
        read = [self._read(part) for part in ids.split(self.lengths, 1)]
        cosines = torch.einsum("nd,tnd->nt", seen, torch.stack(read))
        bias: Tensor | float = getattr(model, "logit_bias", 0.0)
        scores: Tensor = cosines * model.logit_scale.exp() + bias
        return scores

    def _read(self, ids: Tensor) -> Tensor:
        model: Any = self.model
        mask = torch.ones_like(ids)
        return _embedding(model.get_text_features(input_ids=ids, attention_mask=mask))


def _embedding(found: Any) -> Tensor:
    """(N, D) of length 1; older versions of `transformers` return the tensor itself."""
    made: Tensor = found if isinstance(found, Tensor) else found.pooler_output
    unit: Tensor = made / made.norm(dim=-1, keepdim=True)
    return unit


@dataclass(frozen=True)
class Filling:
    """What texts are filled up with, and to which length; None where the tokenizer is followed."""

    pad: int | None = None
    length: int | None = None


def filling(model: nn.Module, tokenizer: Any) -> Filling:
    """How a model wants its texts.

    CLIP reads a text off at its first end token. Padding with that token, as its tokenizers do,
    would cut the text short wherever a token is replaced; the first id, with which CLIP was
    trained to fill up, does not. SigLIP reads a text off at its last place, and was trained on
    texts filled up to one length.
    """
    config: Any = getattr(model, "config", None)
    if str(getattr(config, "model_type", "")).startswith("siglip"):
        return Filling(length=int(config.text_config.max_position_embeddings))
    ends = getattr(tokenizer, "eos_token_id", None)
    return Filling(0 if ends is not None and tokenizer.pad_token_id == ends else None)


def named(texts: Texts) -> dict[str, str]:
    """The texts by the names of their classes. InvalidInput where there are none, or one twice."""
    found = dict(texts) if isinstance(texts, Mapping) else {text: text for text in texts}
    plain = not isinstance(texts, str) and all(isinstance(one, str) for one in found.values())
    if not plain or len(found) < 2 or len(found) < len(texts):
        raise InvalidInput(
            "texts= must be at least two different texts, or a dict from a class to its text, such "
            'as {"cat": "a photo of a cat", "dog": "a photo of a dog"}.',
            "texts",
        )
    return found
