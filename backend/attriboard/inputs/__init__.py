"""Inputs: one file a modality, from raw value to tensor, features, baselines and view."""

from __future__ import annotations

from attriboard.inputs.audio import Audio, BandSum
from attriboard.inputs.base import Choice, Input, Media
from attriboard.inputs.columns import Column
from attriboard.inputs.edge_list import EdgeList
from attriboard.inputs.edges import Edges
from attriboard.inputs.extra import Extra
from attriboard.inputs.graph import Graph
from attriboard.inputs.image import Image
from attriboard.inputs.series import Series
from attriboard.inputs.tabular import Tabular
from attriboard.inputs.tensor import Tensor
from attriboard.inputs.text import Text
from attriboard.inputs.video import Video

__all__ = [
    "Audio",
    "BandSum",
    "Choice",
    "Column",
    "EdgeList",
    "Edges",
    "Extra",
    "Graph",
    "Image",
    "Input",
    "Media",
    "Series",
    "Tabular",
    "Tensor",
    "Text",
    "Video",
]
