"""What is explained in each case: a network, its examples and the features of perturbations."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import torch
import torch.nn.functional as F
from sklearn.datasets import load_sample_image
from torch import Tensor, nn

from attriboard.demos.vqa.model import untrained
from attriboard.demos.vqa.words import LENGTH, VOCABULARY
from benchmarks.speed import models

HEAVY = (
    "ig", "smoothgrad", "gradientshap", "deeplift", "ablation", "occlusion", "kernelshap", "lime",
    "shapley", "infidelity", "conductance", "gradcam",
)  # fmt: skip
IMAGE = (*HEAVY, "sensitivity")
"""All methods; max-sensitivity, which runs one many times, only where a pass is short."""
ROWS = tuple(method for method in IMAGE if method != "gradcam")
TOKENS = tuple(method for method in HEAVY if method != "gradcam")
MANY = ("ig", "gradientshap", "deeplift", "ablation", "infidelity", "conductance")


@dataclass(frozen=True)
class Case:
    """One network with the examples explained.

    features: group ids that broadcast to the input; window: occlusion's window and stride.
    layer: where layer methods read. methods: those timed in the full run.
    orders: random orders of Shapley value sampling.
    """

    name: str
    model: nn.Module
    inputs: Tensor
    features: Tensor
    window: tuple[int, ...]
    layer: str
    methods: tuple[str, ...]
    orders: int = 25
    target: int = 1

    @property
    def groups(self) -> int:
        """How many features there are."""
        return int(self.features.max()) + 1

    @property
    def pictures(self) -> bool:
        """Whether the input has a channels-last form."""
        return self.inputs.ndim == 4

    @cached_property
    def laid_out(self) -> nn.Module:
        """A copy of the model with its weights channels last."""
        twin: nn.Module = copy.deepcopy(self.model).to(memory_format=torch.channels_last)
        return twin


def build(name: str) -> Case | None:
    """The case `name`; None where what it needs is not installed."""
    torch.manual_seed(0)
    return CASES[name]()


def _photo(count: int, side: int) -> Tensor:
    """Smooth pictures: noise of a few sizes on top of one another."""
    parts = [torch.randn(count, 3, s, s) for s in (4, 16, side)]
    grown = [F.interpolate(part, (side, side), mode="bilinear") for part in parts]
    return grown[0] + 0.5 * grown[1] + 0.1 * grown[2]


def _china(side: int) -> Tensor:
    """A photo of a palace that scikit-learn brings, as EfficientNet-Lite wants it."""
    pixels = torch.from_numpy(load_sample_image("china.jpg").copy()).permute(2, 0, 1)[None]
    square = pixels[..., : pixels.shape[2], : pixels.shape[2]].float()
    small = F.interpolate(square, (side, side), mode="bilinear", antialias=True)
    return (small - 127) / 128


def _grid(side: int, cells: int) -> Tensor:
    place = torch.arange(side) * cells // side
    return (place[:, None] * cells + place)[None, None]


def _picture(
    name: str, model: nn.Module, layer: str, methods: tuple[str, ...], side: int = 224
) -> Case:
    window = (3, side // 7, side // 7)
    return Case(name, model, _photo(1, side), _grid(side, 7), window, layer, methods, orders=3)


def _efficientnet() -> Case | None:
    """Trained weights on a photo; None where its packages are not installed."""
    model = models.efficientnet()
    if model is None:
        return None
    case = _picture("efficientnet", model, "_conv_head", HEAVY)
    photo = _china(224)
    with torch.no_grad():
        target = int(model(photo).argmax())
    return replace(case, inputs=photo, target=target)


def _transformer() -> Case:
    tokens = torch.arange(128).reshape(1, 128, 1)
    x = torch.randn(1, 128, 384)
    return Case(
        "transformer", models.Encoder().eval(), x, tokens, (4, 384), "body.layers.3.linear2",
        TOKENS, orders=1,
    )  # fmt: skip


def _perceptron(count: int, methods: tuple[str, ...]) -> Case:
    columns = torch.arange(30).reshape(1, 30)
    x = torch.randn(count, 30)
    return Case(f"mlp-{count}", models.perceptron(), x, columns, (3,), "2", methods)


class OnePhoto(nn.Module):
    """The demo's network asked one question, so that both engines get one input."""

    question: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.net = untrained(0, torch.full((3,), 0.5))
        self.register_buffer("question", torch.randint(len(VOCABULARY), (1, LENGTH)))

    def forward(self, photo: Tensor) -> Tensor:
        question = self.question.expand(len(photo), -1)
        scores: Tensor = self.net(photo, question)
        return scores


def _vqa() -> Case:
    return Case(
        "vqa", OnePhoto().eval(), _photo(1, 64), _grid(64, 8), (3, 8, 8), "net.cnn.0", IMAGE,
        orders=3,
    )  # fmt: skip


CASES: dict[str, Callable[[], Case | None]] = {
    "mlp-1": lambda: _perceptron(1, ROWS),
    "mlp-20": lambda: _perceptron(20, ROWS),
    "mlp-1000": lambda: _perceptron(1000, MANY),
    "vqa": _vqa,
    "drawn": lambda: _picture("drawn", models.drawn(7), "0", IMAGE, side=64),
    "mobilenet": lambda: _picture("mobilenet", models.mobilenet(), "20", HEAVY),
    "efficientnet": _efficientnet,
    "resnet": lambda: _picture("resnet", models.resnet(), "11.second", HEAVY),
    "transformer": _transformer,
    "vgg": lambda: _picture("vgg", models.vgg(), "34", HEAVY),
}
