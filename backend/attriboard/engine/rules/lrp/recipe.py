"""Which rule each weighted operation follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Rule = Literal["epsilon", "gamma", "alpha_beta", "z_plus", "flat", "w_square", "z_box", "identity"]
Composite = Literal[
    "epsilon_plus",
    "epsilon_plus_flat",
    "epsilon_alpha_beta",
    "epsilon_alpha_beta_flat",
    "epsilon_gamma_box",
]
Softmax = Literal["taylor", "constant"]
Kind = Literal["convolution", "dense", "batch_norm"]

RULES: tuple[Rule, ...] = get_args(Rule)


@dataclass(frozen=True)
class Preset:
    """One rule for convolutions, one for dense layers, one for whatever reads an input first."""

    convolution: Rule
    dense: Rule
    first: Rule | None = None


COMPOSITES: dict[Composite, Preset] = {
    "epsilon_plus": Preset("z_plus", "epsilon"),
    "epsilon_plus_flat": Preset("z_plus", "epsilon", "flat"),
    "epsilon_alpha_beta": Preset("alpha_beta", "epsilon"),
    "epsilon_alpha_beta_flat": Preset("alpha_beta", "epsilon", "flat"),
    "epsilon_gamma_box": Preset("gamma", "epsilon", "z_box"),
}
"""Montavon et al. 2019, "Layer-Wise Relevance Propagation: An Overview", section 10.3."""


@dataclass(frozen=True)
class Recipe:
    """The rules and their settings.

    rule: for every weighted operation, unless a composite chooses by kind and order.
    layers: rules by the dotted name of a module, before all else; a container's name holds for
        what is in it, the longest name wins.
    absorb_bias: whether biases and constants keep their share of the relevance.
    """

    rule: Rule = "epsilon"
    epsilon: float = 1e-9
    gamma: float = 0.25
    alpha: float = 1.0
    low: float = 0.0
    high: float = 1.0
    absorb_bias: bool = True
    softmax: Softmax = "taylor"
    composite: Composite | None = None
    layers: Mapping[str, Rule] | None = None

    def choose(self, kind: Kind, first: bool, module: str | None) -> Rule:
        """The rule for an operation of `kind`; `first` to read an input; of `module`, if known."""
        own = self._own(module)
        if own is not None:
            return own
        if kind == "batch_norm":  # one weight a channel: nothing to choose among its inputs
            return "epsilon"
        if self.composite is None:
            return self.rule
        preset = COMPOSITES[self.composite]
        if first and preset.first is not None:
            return preset.first
        return preset.convolution if kind == "convolution" else preset.dense

    def _own(self, module: str | None) -> Rule | None:
        while module and self.layers:
            if module in self.layers:
                return self.layers[module]
            module = module.rpartition(".")[0]
        return None
