"""How far an attribution can be trusted. Metrics may use methods; methods never use metrics."""

from attriboard.engine.metrics.curves import Curve, Erasure, curve, erasure
from attriboard.engine.metrics.infidelity import infidelity
from attriboard.engine.metrics.perturbations import Custom, GaussianNoise, Perturbation, Removal
from attriboard.engine.metrics.randomisation import Randomisation, randomisation
from attriboard.engine.metrics.sensitivity import sensitivity_max
from attriboard.engine.metrics.shape import (
    complexity,
    mass_inside,
    pointing,
    rank_agreement,
    sparseness,
    top_agreement,
)

__all__ = [
    "Curve",
    "Custom",
    "Erasure",
    "GaussianNoise",
    "Perturbation",
    "Randomisation",
    "Removal",
    "complexity",
    "curve",
    "erasure",
    "infidelity",
    "mass_inside",
    "pointing",
    "randomisation",
    "rank_agreement",
    "sensitivity_max",
    "sparseness",
    "top_agreement",
]
