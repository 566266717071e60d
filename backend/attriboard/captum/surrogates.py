"""The linear models and similarities that Captum's LIME is given, as the engine's parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from attriboard.engine import InvalidInput
from attriboard.engine.tensors import Tensors, as_tuple


@dataclass(frozen=True)
class SkLearnLasso:
    """A lasso: weak features get exactly zero."""

    alpha: float = 1.0


@dataclass(frozen=True)
class SkLearnRidge:
    """A ridge regression."""

    alpha: float = 1.0


@dataclass(frozen=True)
class SkLearnLinearRegression:
    """Least squares without a penalty."""


@dataclass(frozen=True)
class Similarity:
    """exp(-d(x, z)^2 / (2 w^2)): how near a coalition's row is to the example."""

    distance_mode: Literal["cosine", "euclidean"] = "cosine"
    kernel_width: float = 1.0


def get_exp_kernel_similarity_function(
    distance_mode: Literal["cosine", "euclidean"] = "cosine", kernel_width: float = 1.0
) -> Similarity:
    """The similarity of LIME's kernel."""
    return Similarity(distance_mode, kernel_width)


def surrogate_fields(settings: dict[str, Any]) -> dict[str, Any]:
    """The fields of the engine's Lime for the constructor's arguments.

    Raises InvalidInput for functions and models of one's own, which no parameter can carry.
    """
    fields: dict[str, Any] = {}
    model, similarity = settings["interpretable_model"], settings["similarity_func"]
    if isinstance(model, SkLearnLasso | SkLearnRidge):
        penalty = "lasso" if isinstance(model, SkLearnLasso) else "ridge"
        fields |= {"penalty": penalty, "alpha": model.alpha}
    elif isinstance(model, SkLearnLinearRegression):
        fields |= {"penalty": "ridge", "alpha": 0.0}
    elif model is not None:
        kinds = "SkLearnLasso, SkLearnRidge or SkLearnLinearRegression"
        raise _refused("interpretable_model", f"give {kinds} of attriboard.captum")
    if isinstance(similarity, Similarity):
        fields |= {
            "distance": similarity.distance_mode,
            "kernel_width": similarity.kernel_width,
        }
    elif similarity is not None:
        raise _refused("similarity_func", "give get_exp_kernel_similarity_function(...)")
    if settings["perturb_func"] is not None:
        raise _refused("perturb_func", "coalitions are drawn by the engine")
    return fields


def per_feature(attributions: Tensors, masks: Any) -> Tensor:
    """One number per feature, (N, features): feature i has the i-th id from the smallest."""
    flat = [a.flatten(1) for a in attributions]
    if masks is None:
        return torch.cat(flat, 1)
    pairs = zip(as_tuple(masks), attributions, strict=True)
    ids = [mask.long().expand_as(a).flatten(1) for mask, a in pairs]
    least = min(int(i.min()) for i in ids)
    most = max(int(i.max()) for i in ids)
    result = flat[0].new_zeros(len(flat[0]), most - least + 1)
    for i, a in zip(ids, flat, strict=True):
        result.scatter_(1, (i - least).to(a.device), a)
    return result


def _refused(name: str, mend: str) -> InvalidInput:
    return InvalidInput(f"`{name}` is one of your own, which is not taken here: {mend}.", name)
