"""Layer-wise relevance propagation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from attriboard.engine.errors import InvalidInput
from attriboard.engine.methods.base import Method
from attriboard.engine.methods.gradient import at_point
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.rules.lrp import RULES, Composite, Ledger, Recipe, Rule, followed
from attriboard.engine.rules.lrp.recipe import Softmax
from attriboard.engine.tensors import Tensors


@dataclass(frozen=True)
class LRP(Method):
    """Bach et al. 2015, https://doi.org/10.1371/journal.pone.0130140.

    Rules and composites as in Montavon et al. 2019, "Layer-Wise Relevance Propagation: An
    Overview", https://doi.org/10.1007/978-3-030-28954-6_10; attention, normalisation and products
    as in Achtibat et al. 2024 (AttnLRP), https://arxiv.org/abs/2402.05602. Attributions add up to
    the score but for what biases, constants and the softmax of attention absorb, which is
    measured and told in the warnings.
    """

    title = "LRP"
    family = "rules"
    summary = "The score shared out layer by layer, in proportion to what each input contributed."
    formula = "R_i = sum_j x_i w_ij / (sum_i x_i w_ij + b_j + epsilon) R_j"
    citation = "Bach et al. 2015, doi:10.1371/journal.pone.0130140"
    uses_baseline = False

    rule: Rule = param("epsilon", "How linear layers and convolutions share relevance.")
    composite: Composite | None = param(
        None, "A rule by kind of layer instead: convolutions, dense layers, the first layer."
    )
    epsilon: float = param(
        1e-9, "Added to denominators by the epsilon rule; more absorbs noise.", minimum=0
    )
    gamma: float = param(0.25, "How much the gamma rule favours positive weights.", minimum=0)
    alpha: float = param(
        1.0, "Weight of what speaks for the target in alpha-beta; beta is alpha - 1.", minimum=1
    )
    low: float = param(0.0, "The least value an input can take, for the box rule.")
    high: float = param(1.0, "The greatest value an input can take, for the box rule.")
    absorb_bias: bool = param(
        True, "Let biases and constants keep their share; off shares it among the inputs."
    )
    softmax: Softmax = param(
        "taylor", "Relevance through the weights of attention too, or (constant) values alone."
    )
    layers: dict | None = param(  # type: ignore[type-arg]
        None, "Rules by the dotted name of a module, which go before all others."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, rule in (self.layers or {}).items():
            if rule not in RULES:
                raise InvalidInput(
                    f"`layers` gives {name!r} the rule {rule!r}: it must be one of "
                    f"{', '.join(RULES)}.",
                    "method.params.layers",
                )
        if self.high <= self.low:
            raise InvalidInput("`high` must be above `low`.", "method.params.high")

    def __call__(self, probe: Probe) -> Tensors:
        ledger = Ledger()
        _, relevance = at_point(followed(probe, self.recipe(), ledger))
        if probe.count:
            sums: Any = sum(tensor.flatten(2).sum(2) for tensor in relevance)
            for sentence in ledger.sentences(sums.T):
                probe.run.warn(sentence)
        return relevance

    def recipe(self) -> Recipe:
        """The rules as the engine follows them."""
        return Recipe(
            rule=self.rule,
            epsilon=self.epsilon,
            gamma=self.gamma,
            alpha=self.alpha,
            low=self.low,
            high=self.high,
            absorb_bias=self.absorb_bias,
            softmax=self.softmax,
            composite=self.composite,
            layers=self.layers,
        )
