"""What every class of the facade is: the model it holds, and Captum's small methods."""

from __future__ import annotations

from typing import Any, ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from attriboard.captum.convergence import both_ends, extra_of, gap, total
from attriboard.captum.rows import Row
from attriboard.engine import TorchFunction


class Attribution:
    """A model and how it is to be explained; `attribute` asks the engine.

    forward_func, layer: what was given. settings: all arguments of the constructor.
    """

    row: ClassVar[Row]
    forward_func: Any
    layer: Any
    settings: dict[str, Any]

    def attribute(self, *args: Any, **kwargs: Any) -> Any:
        """Each class has its own, made from its row."""
        raise NotImplementedError

    def hold(self, given: dict[str, Any]) -> None:
        """Keep the constructor's arguments."""
        self.settings = given
        self.forward_func = self.model = given.get("forward_func", given.get("model"))
        self.layer = given.get("layer")
        self.device_ids = given.get("device_ids")

    def asked(self) -> Any:
        """The model as the engine takes it: a function is taken to be torch throughout."""
        if isinstance(self.forward_func, nn.Module):
            return self.forward_func
        held = self.__dict__.get("_asked")
        if held is None or held.function is not self.forward_func:
            modules = [layer for layer in listed(self.layer) if isinstance(layer, nn.Module)]
            held = self.__dict__["_asked"] = TorchFunction(self.forward_func, modules)
        return held

    @property
    def multiplies_by_inputs(self) -> bool:
        """Whether attributions hold the factor (input - baseline)."""
        return bool(self.settings.get("multiply_by_inputs", self.row.multiplies))

    def has_convergence_delta(self) -> bool:
        """Whether `return_convergence_delta` may be asked for."""
        return self.row.has_delta

    def delta(self, attributions: Any, given: dict[str, Any]) -> Tensor:
        """The convergence delta of the answer to `given`."""
        start, end, target = given.get("baselines"), given["inputs"], given.get("target")
        pooled = self.row.method.pooled
        return gap(self.asked(), attributions, start, end, target, extra_of(given), pooled)

    @classmethod
    def get_name(cls) -> str:
        """The class's name in words."""
        letters = enumerate(cls.__name__)
        return "".join(c if c.islower() or i == 0 else f" {c}" for i, c in letters)


class GradientAttribution(Attribution):
    """Methods that need gradients."""

    def compute_convergence_delta(
        self,
        attributions: Any,
        start_point: Any,
        end_point: Any,
        target: Any = None,
        additional_forward_args: Any = None,
    ) -> Tensor:
        """Sum of attributions minus (f(end_point) - f(start_point)) per example, (N,)."""
        extra = extra_of({"additional_forward_args": additional_forward_args})
        return gap(self.asked(), attributions, start_point, end_point, target, extra, False)


class RelevanceAttribution(GradientAttribution):
    """Layer-wise relevance propagation, whose delta is what was absorbed on the way."""

    def compute_convergence_delta(  # type: ignore[override]
        self, attributions: Any, output: Tensor
    ) -> Tensor:
        """`output`, which is f(x), minus the sum of relevances per example, (N,)."""
        return output.flatten() - total(attributions)

    def delta(self, attributions: Any, given: dict[str, Any]) -> Any:
        """f(x) minus the sum of relevances per example, for each layer of a list."""
        inputs, target = given["inputs"], given.get("target")
        output = both_ends(self.asked(), None, inputs, target, extra_of(given)).score
        if isinstance(self.layer, list):
            return [self.compute_convergence_delta(part, output) for part in attributions]
        return self.compute_convergence_delta(attributions, output)


class PerturbationAttribution(Attribution):
    """Methods that need scores alone."""


class InternalAttribution(Attribution):
    """Methods about a layer."""


class LayerAttribution(InternalAttribution):
    """Attributions live at a layer."""

    @staticmethod
    def interpolate(
        layer_attribution: Tensor,
        interpolate_dims: int | tuple[int, ...],
        interpolate_mode: str = "nearest",
    ) -> Tensor:
        """The attributions (N, C, spatial) of a layer, enlarged to `interpolate_dims`."""
        return F.interpolate(layer_attribution, interpolate_dims, mode=interpolate_mode)


class NeuronAttribution(InternalAttribution):
    """One unit of a layer is explained."""


def listed(layer: Any) -> list[Any]:
    """One layer, or several, as a list."""
    return list(layer) if isinstance(layer, list | tuple) else [layer]
