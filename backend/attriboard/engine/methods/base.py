"""What every attribution algorithm is: its parameters, what it claims, and one call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from attriboard.engine import parameters
from attriboard.engine.embeddings import lifted
from attriboard.engine.features import Features
from attriboard.engine.probe import Probe
from attriboard.engine.sites import Layer, Neuron, spliced
from attriboard.engine.sites import neuron as neuron_of
from attriboard.engine.tensors import Tensors

Family = Literal["gradient", "perturbation", "layer", "rules", "attention", "combined"]
Place = Literal["input", "layer", "neuron"]


@dataclass(frozen=True)
class Method(ABC):
    """An attribution algorithm. The fields of a subclass are its parameters.

    Calling it with a probe gives one tensor (T, N, ...) per tensor of the probe's point (or of
    its site), T being the targets explained at once.

    title, summary, formula, citation: what the reference page and the dashboard say of it.
    complete: claims that attributions sum to f(x) - f(baseline).
    needs_gradient: False where scores alone suffice, so that black boxes can be explained.
    pooled: takes a distribution of baselines.
    needs_target: False where the result is the same whatever is explained.
    places: "input", "layer" and "neuron", where it can be asked for.
    at_inputs: asked for at a layer, it attributes to the inputs all the same.
    least_examples: fewer than this in one batch cannot be explained.
    """

    title: ClassVar[str]
    family: ClassVar[Family]
    summary: ClassVar[str]
    formula: ClassVar[str]
    citation: ClassVar[str]
    complete: ClassVar[bool] = False
    needs_gradient: ClassVar[bool] = True
    pooled: ClassVar[bool] = False
    progressive: ClassVar[bool] = False
    uses_baseline: ClassVar[bool] = True
    uses_features: ClassVar[bool] = False
    needs_target: ClassVar[bool] = True
    places: ClassVar[tuple[Place, ...]] = ("input", "layer", "neuron")
    at_inputs: ClassVar[bool] = False
    least_examples: ClassVar[int] = 1

    def __post_init__(self) -> None:
        parameters.check(self)

    @abstractmethod
    def __call__(self, probe: Probe) -> Tensors:
        """The attributions of every example of `probe` to all its targets."""

    def at(self, probe: Probe, layer: Layer | None, neuron: Neuron | None) -> Probe:
        """`probe` at the site asked for: the layer's own space, or a unit of it as the score."""
        if layer is None:
            return self.reaching(probe)
        if neuron is None:
            return spliced(probe, layer)
        return neuron_of(self.reaching(probe), layer, neuron)

    def reaching(self, probe: Probe) -> Probe:
        """`probe` with gradients able to reach every input, where this method wants them."""
        return lifted(probe) if self.wants_gradient() else probe

    def wants_gradient(self) -> bool:
        """Whether this very method needs gradients; a method over a method asks the inner one."""
        return self.needs_gradient

    def wants_target(self) -> bool:
        """Whether the result depends on what is explained."""
        return self.needs_target

    def wants_features(self) -> bool:
        """Whether features are perturbed as wholes here; otherwise given ones are left aside."""
        return self.uses_features

    def wants_ends(self) -> bool:
        """Whether the method starts from the scores at the input and at the baseline."""
        return self.complete and not self.wants_gradient()

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        """Rows that go through the model for one example.

        features: how many it has. baselines: rows of the distribution, where one is taken.
        """
        return 1

    def sizes(self, features: Features | None, like: Tensors) -> Tensors | None:
        """Per input (N or 1, ...): how many elements share each element's number.

        None where each has its own. `like` gives the inputs' shapes.
        """
        return features.sizes(like) if features is not None and self.wants_features() else None

    def check_features(self, count: int) -> None:
        """Raises InvalidInput, before anything runs, where `count` features are too many."""
        return

    def to_json(self) -> dict[str, Any]:
        """{id, params}, as a request carries a method."""
        return {"id": type(self).__name__, "params": parameters.values(self)}


def schema(method: type[Method]) -> dict[str, Any]:
    """The JSON Schema of the parameters of `method`."""
    return parameters.schema(method)


def params(method: Method) -> dict[str, Any]:
    """All parameters of `method` as JSON has them."""
    return parameters.values(method)


def build(kind: type[Method], given: Mapping[str, Any]) -> Method:
    """A method of class `kind` from JSON parameters; those left out take their defaults.

    Raises InvalidInput, whose `field` names the parameter, for unknown names and bad values.
    """
    return parameters.build(kind, given)
