"""AttriBoard: an interactive debugging dashboard for PyTorch models.

Names are loaded when they are first used, so that `import attriboard` does not import torch.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from attriboard.version import __version__

if TYPE_CHECKING:
    from attriboard import engine
    from attriboard.board import Board
    from attriboard.board.endpoint import Endpoint
    from attriboard.board.pretrained import from_transformers
    from attriboard.board.timm import from_timm
    from attriboard.board.weights import load
    from attriboard.inputs import (
        Audio,
        BandSum,
        Column,
        EdgeList,
        Edges,
        Extra,
        Graph,
        Image,
        Input,
        Series,
        Tabular,
        Tensor,
        Text,
        Video,
    )
    from attriboard.outputs import (
        Classes,
        Heads,
        MultiLabel,
        NextToken,
        PerPixel,
        PerToken,
        Regression,
        SequenceScore,
    )

__all__ = [
    "Audio",
    "BandSum",
    "Board",
    "Classes",
    "Column",
    "EdgeList",
    "Edges",
    "Endpoint",
    "Extra",
    "Graph",
    "Heads",
    "Image",
    "MultiLabel",
    "NextToken",
    "PerPixel",
    "PerToken",
    "Regression",
    "SequenceScore",
    "Series",
    "Tabular",
    "Tensor",
    "Text",
    "Video",
    "__version__",
    "engine",
    "from_timm",
    "from_transformers",
    "load",
]

_HOMES = {
    "Audio": "attriboard.inputs",
    "BandSum": "attriboard.inputs",
    "Board": "attriboard.board",
    "Classes": "attriboard.outputs",
    "Column": "attriboard.inputs",
    "EdgeList": "attriboard.inputs",
    "Edges": "attriboard.inputs",
    "Extra": "attriboard.inputs",
    "Graph": "attriboard.inputs",
    "Endpoint": "attriboard.board.endpoint",
    "Heads": "attriboard.outputs",
    "Image": "attriboard.inputs",
    "MultiLabel": "attriboard.outputs",
    "NextToken": "attriboard.outputs",
    "PerPixel": "attriboard.outputs",
    "SequenceScore": "attriboard.outputs",
    "PerToken": "attriboard.outputs",
    "Regression": "attriboard.outputs",
    "Series": "attriboard.inputs",
    "Tabular": "attriboard.inputs",
    "Tensor": "attriboard.inputs",
    "Text": "attriboard.inputs",
    "from_timm": "attriboard.board.timm",
    "from_transformers": "attriboard.board.pretrained",
    "Video": "attriboard.inputs",
    "load": "attriboard.board.weights",
}


def __getattr__(name: str) -> Any:
    if name == "engine":
        return import_module("attriboard.engine")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if not name.startswith("_") and name in (brought := _brought()):
        return brought[name]
    raise AttributeError(f"module 'attriboard' has no attribute {name!r}")


@cache
def _brought() -> dict[str, type[Input]]:
    """Inputs of other packages, which stand beside our own as attriboard.Name."""
    found: dict[str, type[Input]] = import_module("attriboard.inputs.installed").installed(_HOMES)
    return found


def __dir__() -> list[str]:
    return __all__
