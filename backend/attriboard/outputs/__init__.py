"""What the model's output means: classes, several labels at once, or a number.

An output reads the model's raw rows, shape (N, ...), and the dataset's labels. It knows no model.
"""

from __future__ import annotations

from attriboard.outputs.base import Output, Predictions
from attriboard.outputs.classes import Classes, MultiLabel
from attriboard.outputs.labels import Label
from attriboard.outputs.regression import Regression

__all__ = ["Classes", "Label", "MultiLabel", "Output", "Predictions", "Regression"]
