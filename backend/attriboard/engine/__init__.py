"""The attribution engine: torch and the standard library only; no modality, no file, no HTTP."""

from attriboard.engine.attribution import Result, attribute, predict, shapley, unavailable
from attriboard.engine.contributions import ModalityShapley, magnitude, net
from attriboard.engine.errors import (
    AttriboardError,
    Cancelled,
    InvalidInput,
    ModelError,
    Unsupported,
)
from attriboard.engine.features import Features, distinct
from attriboard.engine.methods import (
    METHODS,
    FeatureAblation,
    InputXGradient,
    IntegratedGradients,
    Method,
    Occlusion,
    Saliency,
    make,
    params,
    schema,
)
from attriboard.engine.run import Run
from attriboard.engine.targets import Contrast, LogProbability, Output, Probability

__all__ = [
    "METHODS",
    "AttriboardError",
    "Cancelled",
    "Contrast",
    "FeatureAblation",
    "Features",
    "InputXGradient",
    "IntegratedGradients",
    "InvalidInput",
    "LogProbability",
    "Method",
    "ModalityShapley",
    "ModelError",
    "Occlusion",
    "Output",
    "Probability",
    "Result",
    "Run",
    "Saliency",
    "Unsupported",
    "attribute",
    "distinct",
    "magnitude",
    "make",
    "net",
    "params",
    "predict",
    "schema",
    "shapley",
    "unavailable",
]
