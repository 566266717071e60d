"""Captum 0.9.0 beside the facade: the same call on both, with the same random draws."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import captum.attr
import numpy as np
import pytest
import torch
from captum._utils.models.linear_model import SkLearnLasso
from sklearn.linear_model import Lasso
from torch import Tensor, nn

import attriboard.captum
from attriboard.engine.methods import expected, permutation, shapley, smoothing, surrogate


@dataclass
class Call:
    """One class on one model: `kind(model, *layer, **init).attribute(**args)`."""

    kind: str
    model: Any
    args: dict[str, Any]
    layer: Any = None
    init: dict[str, Any] = field(default_factory=dict)
    tunnel: bool = False

    def ours(self) -> Any:
        """The facade's answer."""
        made = getattr(attriboard.captum, self.kind)(self.model, *self._layer(), **self.init)
        return self._asked(made, attriboard.captum.NoiseTunnel)

    def theirs(self, change: Callable[[Any], None] = lambda made: None, **args: Any) -> Any:
        """Captum's answer; `change` adjusts its object first, `args` its arguments."""
        made = getattr(captum.attr, self.kind)(self.model, *self._layer(), **self.init)
        change(made)
        return self._asked(made, captum.attr.NoiseTunnel, **args)

    def _layer(self) -> tuple[Any, ...]:
        return () if self.layer is None else (self.layer,)

    def _asked(self, made: Any, tunnel: Any, **args: Any) -> Any:
        made = tunnel(made) if self.tunnel else made
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return made.attribute(**self.args | args)


def both(call: Call, patch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """The facade's and Captum's answers to the same question, under the same draws."""
    if call.tunnel:
        return _same_noise(call, patch)
    return _SAME.get(call.kind, _plain)(call, patch)


def assert_agree(ours: Any, theirs: Any, tolerance: float, floor: float = 0.0) -> None:
    """The same nesting and shapes, and numbers within `tolerance` of the largest; below `floor`
    (rounding noise of the model's output) numbers count as zero."""
    assert type(ours) is type(theirs)
    if not isinstance(ours, Tensor):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            assert_agree(one, other, tolerance, floor)
        return
    assert ours.shape == theirs.shape
    if ours.numel():
        theirs = theirs.detach().to(ours)
        apart = float((ours - theirs).abs().max())
        assert apart <= tolerance * float(theirs.abs().max()) + floor


def doubled(value: Any) -> Any:
    """Float tensors and modules in float64, at any depth."""
    if isinstance(value, Tensor):
        return value.double() if value.is_floating_point() else value
    if isinstance(value, tuple | list):
        return type(value)(doubled(item) for item in value)
    return value.double() if isinstance(value, nn.Module) else value


def _plain(call: Call, patch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    return call.ours(), call.theirs()


def _same_orders(call: Call, patch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """Shapley value sampling along the engine's orders."""
    with _recorded(patch, shapley, "_ranks") as seen:
        ours = call.ours()
    orders = seen[0].argsort(1).tolist()

    def change(made: Any) -> None:
        made.permutation_generator = lambda features, samples: iter(orders)

    return ours, call.theirs(change)


def _same_coalitions(call: Call, patch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """KernelSHAP and LIME over the engine's coalitions, with its weights."""
    kernel = call.kind == "KernelShap"
    target = "_Anchored" if kernel else "lasso"
    masks: list[Tensor] = []
    weights: list[Tensor] = []
    original = getattr(surrogate, target)

    def record(*given: Any) -> Any:
        z, w = given[1:3] if kernel else given[:2]
        masks.append(z)
        weights.append(w)
        return original(*given)

    patch.setattr(surrogate, target, record)
    ours = call.ours()
    rows = masks[0]
    if kernel:
        ends = torch.tensor([[True], [False]]).expand(2, rows.shape[1])
        rows = torch.cat([ends, rows])
        weight = {tuple(z): float(w) for z, w in zip(masks[0].tolist(), weights[0], strict=True)}

    def draw(inputs: Any, **rest: Any) -> Iterator[Tensor]:
        for row in rows:
            yield row[None].long()

    def near(inputs: Any, changed: Any, row: Tensor, **rest: Any) -> Tensor:
        kept = tuple(row[0].bool().tolist())
        return torch.tensor([weight.get(kept, 1e6)], dtype=torch.float64)

    def change(made: Any) -> None:
        made.perturb_func = draw
        if kernel:
            made.similarity_func = near
        else:
            patch.setattr(Lasso, "fit", _wide_fit)
            made.interpretable_model = SkLearnLasso(alpha=0.01, tol=1e-12, max_iter=100_000)

    return ours, call.theirs(change, n_samples=len(rows))


_fit = Lasso.fit


def _wide_fit(lasso: Any, x: Any, y: Any, sample_weight: Any, **rest: Any) -> Any:
    """Captum hands float32 on, in which the descent stalls a thousandth away from its end."""
    x, y, weight = (array.astype("float64") for array in (x, y, sample_weight))
    return _fit(lasso, x, y, sample_weight=weight, **rest)


def _same_shuffles(call: Call, patch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """Feature permutation in the engine's orders."""
    orders: list[Tensor] = []
    original = permutation.FeaturePermutation._orders

    def record(method: Any, probe: Any, count: int) -> Tensor:
        orders.append(original(method, probe, count))
        return orders[-1]

    patch.setattr(permutation.FeaturePermutation, "_orders", record)
    ours = call.ours()
    rest = iter(orders[0])

    def shuffle(x: Tensor, mask: Tensor) -> Tensor:
        return torch.where(mask, x[next(rest)], x)

    def change(made: Any) -> None:
        made.perm_func = shuffle
        if call.layer is not None:
            shuffling = partial(captum.attr.FeaturePermutation, perm_func=shuffle)
            patch.setattr(type(made), "attributor", shuffling)

    return ours, call.theirs(change, perturbations_per_eval=1)


def _same_places(call: Call, patch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """GradientSHAP with the engine's places on the path and rows of the distribution."""
    with _recorded(patch, expected, "_Draws") as seen:
        ours = call.ours()
    drawn = seen[0]
    inputs = call.args["inputs"]
    count = len(inputs if isinstance(inputs, Tensor) else inputs[0])
    place, row = drawn._place.numpy(), drawn._row.numpy()
    patch.setattr(np.random, "uniform", lambda *_: np.tile(place, count))
    patch.setattr(np.random, "choice", lambda *_: np.tile(row, count))
    if any(drawn._noise.stdevs):
        noise = iter(drawn._noise.rows(torch.arange(len(place))))
        patch.setattr(torch, "normal", lambda mean, std: torch.cat([next(noise)] * count))
    return ours, call.theirs()


def _same_noise(call: Call, patch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """NoiseTunnel with the engine's noise."""
    with _recorded(patch, smoothing.noise, "around") as seen:
        ours = call.ours()
    inputs = call.args["inputs"]
    count = len(inputs if isinstance(inputs, Tensor) else inputs[0])
    draws = iter(seen[0].rows(torch.arange(call.args["nt_samples"])))
    if any(seen[0].stdevs):
        patch.setattr(torch, "normal", lambda mean, std: torch.cat([next(draws)] * count))
    return ours, call.theirs()


@contextmanager
def _recorded(patch: pytest.MonkeyPatch, home: Any, name: str) -> Iterator[list[Any]]:
    """What `home.name` returns while the facade answers."""
    results: list[Any] = []
    original = getattr(home, name)

    def record(*args: Any, **kwargs: Any) -> Any:
        results.append(original(*args, **kwargs))
        return results[-1]

    with patch.context() as inner:
        inner.setattr(home, name, record)
        yield results


_SAME: dict[str, Callable[[Call, pytest.MonkeyPatch], tuple[Any, Any]]] = {
    "ShapleyValueSampling": _same_orders,
    "KernelShap": _same_coalitions,
    "Lime": _same_coalitions,
    "FeaturePermutation": _same_shuffles,
    "LayerFeaturePermutation": _same_shuffles,
    "GradientShap": _same_places,
    "LayerGradientShap": _same_places,
    "NeuronGradientShap": _same_places,
}
