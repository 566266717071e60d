"""A probe whose gradients are relevance."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput, Unsupported
from attriboard.engine.model_tree import Prepared
from attriboard.engine.probe import Probe
from attriboard.engine.rules.lrp.ledger import Ledger
from attriboard.engine.rules.lrp.recipe import Recipe
from attriboard.engine.rules.lrp.relevance import seeded
from attriboard.engine.rules.lrp.steps import LrpMode
from attriboard.engine.tensors import Tensors


def followed(probe: Probe, recipe: Recipe, ledger: Ledger) -> Probe:
    """`probe` with every gradient a relevance: that of the inputs adds up to the score.

    Raises InvalidInput for rules of layers the model has not, and Unsupported where calls cannot
    be seen, whose gradient would pass for relevance.
    """
    names = _owners(probe.prepared, recipe)
    at_inputs = not _spliced(probe.place)  # after a layer, the first weights are not the first

    def score(rows: Tensors, index: Tensor) -> Tensor:
        if not torch.is_grad_enabled():
            return probe.score(rows, index)
        with LrpMode(recipe, names, ledger) as mode:
            if at_inputs:
                mode.marks.add("raw", rows)
            scores = probe.score(rows, index)
        _check(mode, scores)
        ledger.seeded(scores.detach())
        return seeded(scores)

    return replace(probe, score=score, place=(probe.place, "relevance", recipe.composite))


def _check(mode: LrpMode, scores: Tensor) -> None:
    unseen = mode.provenance.unseen(scores)
    if unseen:
        calls = ", ".join(
            sorted(name.removesuffix("0").removesuffix("Backward") for name in unseen)
        )
        raise Unsupported(
            f"LRP cannot see all of this model's calls ({calls}): they are made by TorchScript, an "
            "exported program or an autograd Function of its own. Use a gradient method such as "
            "Integrated Gradients, or start after them with `layer=`."
        )


def _owners(prepared: Prepared, recipe: Recipe) -> dict[int, str]:
    """The dotted name of the module that owns each parameter, by the parameter's id."""
    modules = dict(prepared.module.named_modules()) if prepared.module is not None else {}
    for name in recipe.layers or ():
        if name not in modules:
            raise InvalidInput(
                f"`layers` names {name!r}, but the model has no such module.",
                "method.params.layers",
            )
    return {
        id(tensor): name
        for name, module in modules.items()
        for tensor in module.parameters(recurse=False)
    }


def _spliced(place: Hashable) -> bool:
    return isinstance(place, tuple) and (place[1] == "spliced" or _spliced(place[0]))
