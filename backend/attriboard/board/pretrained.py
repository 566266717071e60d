"""Models of `transformers` with their tokenizer or processor as a board, by one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attriboard.board import items
from attriboard.board.board import Board
from attriboard.board.contrastive import (
    Against,
    Filling,
    Texts,
    filling,
    is_contrastive,
    named,
)
from attriboard.engine.errors import InvalidInput, ModelError
from attriboard.inputs import Audio, Image, Input, Text
from attriboard.inputs.prompts import Prompts
from attriboard.outputs import Classes, MultiLabel, Output, Regression

IMAGE, TEXT, AUDIO = "image", "text", "audio"


def from_transformers(
    model: nn.Module,
    processor: Any,
    dataset: Any,
    output: Output | None = None,
    name: str | None = None,
    *,
    texts: Texts | None = None,
    label: str = items.LABEL,
    limit: int | None = None,
) -> Board:
    """A board of a model and the tokenizer, image processor, feature extractor or processor
    it came with.

    The inputs are called `image`, `text` and `audio`, whichever of them the processor prepares;
    items of `dataset` name them so, or hold them in the order picture, text, as `Board` says.
    Texts are not padded: every token is attended to, those of a padding baseline too. Sounds
    have the processor's own rate.

    The output is read from the model's configuration where `output` is left out: its labels, a
    number, or for models of the CLIP kind how well picture and text fit. With `texts` such a model
    scores each picture against all of them, which are its classes: a list, or a dict from a
    class's name to its text. The dataset then holds pictures alone.

    Raises InvalidInput where the processor prepares none of these, or the model names no labels;
    ModelError where it has no head that scores.
    """
    parts = _parts(processor, model)
    if not parts:
        raise InvalidInput(
            f"A {type(processor).__name__} prepares neither pictures nor texts nor sounds. Give "
            "the model's tokenizer, image processor, feature extractor or processor, or make a "
            "Board of your own inputs.",
            "processor",
        )
    inputs = [part.input for part in parts]
    if texts is not None:
        classes = named(texts)
        prompts = _prompts(model, processor, inputs, classes)
        wrapped: nn.Module = Against(model, prompts.lengths)
        inputs, found = [inputs[0], prompts], output or Classes(list(classes))
    else:
        pair = len(parts) > 1 and is_contrastive(model)
        wrapped = _wrapped(model, parts, _similarity if pair else _logits)
        found = output or (Regression("similarity") if pair else _output(model))
    title = name or type(model).__name__
    return Board(wrapped.eval(), dataset, inputs, found, title, label=label, limit=limit)


def _prompts(
    model: nn.Module, processor: Any, inputs: Sequence[Input], classes: Mapping[str, str]
) -> Prompts:
    """The texts as an input beside the picture."""
    both = [type(entry) for entry in inputs] == [Image, Text]
    if not (both and is_contrastive(model) and hasattr(model, "get_text_features")):
        raise InvalidInput(
            f"texts= is for models of the CLIP kind with a processor of pictures and texts; a "
            f"{type(model).__name__} with a {type(processor).__name__} cannot score a picture "
            "against texts. Leave it out.",
            "texts",
        )
    tokenizer = processor.tokenizer
    filled = filling(model, tokenizer)
    return Prompts(TEXT, list(classes.values()), tokenizer, filled.pad, filled.length)


def _wrapped(
    model: nn.Module, parts: Sequence[_Part], scores: Callable[[Any], Tensor]
) -> Pretrained:
    wrapped = Pretrained(model, [part.argument for part in parts], scores)
    wrapped.turned = any(part.turned for part in parts)
    return wrapped


class Pretrained(nn.Module):
    """The model, called with one tensor an input, the arguments `names` in order: scores (N, C)."""

    turned = False  # sounds come as (frequencies, times), and the model wants times first

    def __init__(
        self, model: nn.Module, names: Sequence[str], scores: Callable[[Any], Tensor]
    ) -> None:
        super().__init__()
        self.model = model
        self.names = tuple(names)
        self._scores = scores

    def forward(self, *inputs: Tensor) -> Tensor:
        named = dict(zip(self.names, inputs, strict=True))
        if "input_ids" in named:
            named["attention_mask"] = torch.ones_like(named["input_ids"])
        if self.turned:
            named = {name: x.mT if name.startswith("input_v") else x for name, x in named.items()}
        return self._scores(self.model(**named))


@dataclass(frozen=True)
class _Part:
    """An input, the argument of the model it is, and whether its tensor is turned before that."""

    input: Input
    argument: str
    turned: bool = False


def _parts(processor: Any, model: nn.Module) -> list[_Part]:
    """What a processor prepares, pictures first."""
    if hasattr(processor, "convert_ids_to_tokens"):
        return [_Part(Text(TEXT, processor), "input_ids")]
    pictures = getattr(processor, "image_processor", processor)
    sounds = getattr(processor, "feature_extractor", processor)
    found = []
    if hasattr(pictures, "image_mean"):
        found.append(_Part(Image(IMAGE, transform=_Pixels(pictures)), "pixel_values"))
    if hasattr(processor, "tokenizer"):
        own = processor.tokenizer
        filled = filling(model, own) if is_contrastive(model) else Filling()
        found.append(_Part(Text(TEXT, own, pad=filled.pad, length=filled.length), "input_ids"))
    if hasattr(sounds, "sampling_rate"):
        made = _Sound(sounds)
        entry = Audio(AUDIO, int(sounds.sampling_rate), transform=made)
        found.append(_Part(entry, made.argument, made.turned))
    return found


class _Pixels:
    """A picture as the image processor makes it, (C, H, W)."""

    def __init__(self, processor: Any) -> None:
        self._processor = processor

    def __call__(self, picture: Any) -> Tensor:
        rgb = picture.convert("RGB") if hasattr(picture, "convert") else picture
        pixels: Tensor = self._processor(images=rgb, return_tensors="pt")["pixel_values"]
        return pixels[0]


class _Sound:
    """A sound as the feature extractor makes it: (samples,), or (frequencies, times)."""

    def __init__(self, extractor: Any) -> None:
        self._extractor = extractor
        self.argument = str(extractor.model_input_names[0])
        # Spectrograms of the AST kind hold times first.
        self.turned = hasattr(extractor, "num_mel_bins") and self.argument == "input_values"

    def __call__(self, wave: Tensor) -> Tensor:
        mono = wave if wave.ndim == 1 else wave.mean(0)
        rate = self._extractor.sampling_rate
        made = self._extractor(mono.numpy(), sampling_rate=rate, return_tensors="pt")
        found: Tensor = made[self.argument][0]
        return found.mT if self.turned else found


def _output(model: nn.Module) -> Output:
    config: Any = getattr(model, "config", None)
    labels = getattr(config, "id2label", None)
    if not labels:
        raise InvalidInput(
            f"The configuration of {type(model).__name__} names no labels. Give output=, such as "
            'Classes(["no", "yes"]).',
            "output",
        )
    names = [str(labels[place]) for place in sorted(labels, key=int)]
    if len(names) == 1:
        return Regression(names[0])
    several = getattr(config, "problem_type", None) == "multi_label_classification"
    return MultiLabel(names) if several else Classes(names)


def _logits(found: Any) -> Tensor:
    logits = getattr(found, "logits", None)
    if not isinstance(logits, Tensor):
        raise ModelError(
            f"The model answers a {type(found).__name__} without logits. Load it with a head, such "
            "as AutoModelForSequenceClassification."
        )
    return logits


def _similarity(found: Any) -> Tensor:
    """How well each picture fits its own text, (N, 1): the cosine of their embeddings."""
    return torch.cosine_similarity(found.image_embeds, found.text_embeds)[:, None]
