"""Captum's rules of layer-wise relevance propagation, set on modules as `module.rule`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from attriboard.engine import InvalidInput


@dataclass(frozen=True)
class PropagationRule:
    """A rule of a module: its name in the engine."""

    def fields(self) -> dict[str, float]:
        """The parameters of the engine's LRP that the rule sets."""
        return {}


@dataclass(frozen=True)
class EpsilonRule(PropagationRule):
    """R_i = sum_j z_ij / (z_j + epsilon) R_j."""

    epsilon: float = 1e-9

    def fields(self) -> dict[str, float]:
        return {"epsilon": self.epsilon}


@dataclass(frozen=True)
class GammaRule(PropagationRule):
    """Positive weights count (1 + gamma) times."""

    gamma: float = 0.25
    set_bias_to_zero: bool = False

    def fields(self) -> dict[str, float]:
        return {"gamma": self.gamma, "absorb_bias": not self.set_bias_to_zero}


@dataclass(frozen=True)
class Alpha1_Beta0_Rule(PropagationRule):  # noqa: N801, the name Captum gave it
    """Positive contributions alone share relevance."""

    set_bias_to_zero: bool = False

    def fields(self) -> dict[str, float]:
        return {"absorb_bias": not self.set_bias_to_zero}


@dataclass(frozen=True)
class IdentityRule(PropagationRule):
    """Relevance passes as it came."""


_NAMES: dict[type[PropagationRule], str] = {
    EpsilonRule: "epsilon",
    GammaRule: "gamma",
    Alpha1_Beta0_Rule: "z_plus",
    IdentityRule: "identity",
}


def rules_of(model: Any) -> dict[str, Any]:
    """The engine's parameters for the rules that stand on the modules of `model`."""
    if not isinstance(model, nn.Module):
        return {}
    layers: dict[str, str] = {}
    given: dict[str, Any] = {}
    for name, module in model.named_modules():
        rule = getattr(module, "rule", None)
        if rule is None:
            continue
        if type(rule) not in _NAMES:
            raise InvalidInput(
                f"The rule of {name!r} is a {type(rule).__name__}: use one of "
                f"{', '.join(kind.__name__ for kind in _NAMES)} of attriboard.captum.",
                "rule",
            )
        layers[name] = _NAMES[type(rule)]
        _agree(given, rule.fields(), name)
    return given | {"layers": layers} if layers else {}


def _agree(given: dict[str, Any], more: dict[str, float], name: str) -> None:
    for key, value in more.items():
        if given.setdefault(key, value) != value:
            raise InvalidInput(
                f"The rules of the model have two values of {key}, {given[key]} and {value} (at "
                f"{name!r}): the engine takes one for all layers.",
                "rule",
            )
