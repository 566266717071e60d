"""Methods at layers, of neurons and under noise, written again in the plainest loops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.problems import Problem, Words
from engine.slow import Tensors, quadrature, row, score

Rows = Callable[[nn.Module, Tensors], Tensors]
"""The attributions of one example, a batch of one row."""


class Embedded(nn.Module):
    """The problem of words from their embedding on."""

    def __init__(self) -> None:
        super().__init__()
        words = Words()
        self.embedding, self.conv, self.head = words.embedding, words.conv, words.head

    def forward(self, x: Tensor) -> Tensor:
        return self.head(F.silu(self.conv(x.transpose(1, 2))).amax(2))


def floats(problem: Problem) -> Problem:
    """The same problem with inputs that have gradients: words become their embeddings."""
    if problem.differentiable:
        return problem
    after = replace(problem, make=Embedded)
    table = after.model().embedding.weight.detach()
    inputs, baselines = (
        tuple(table[x] for x in ids) for ids in (problem.inputs, problem.baselines)
    )
    return replace(after, inputs=inputs, baselines=baselines)


def each(problem: Problem, one: Rows) -> Tensors:
    """The attributions of one example after the other."""
    model = deepcopy(problem.model()).eval()
    found = []
    for i in range(len(problem.inputs[0])):
        with torch.enable_grad():
            found.append(tuple(t.detach() for t in one(model, row(problem, i))))
    return tuple(torch.cat(parts) for parts in zip(*found, strict=True))


def read(model: nn.Module, rows: Tensors, problem: Problem) -> tuple[Tensor, Tensor]:
    """(the layer's activation, the score), joined by autograd."""
    box: list[Tensor] = []

    def keep(_: Any, __: Any, output: Tensor) -> Tensor:
        box.append(output)
        return output.clone()

    with _hook(model, problem, keep):
        value = score(model, rows, problem.target)
    (activation,) = box
    return activation, value


def slope(model: nn.Module, rows: Tensors, problem: Problem) -> tuple[Tensor, Tensor]:
    """(the layer's activation, the score's gradient there)."""
    activation, value = read(model, rows, problem)
    (gradient,) = torch.autograd.grad(value, activation)
    return activation.detach(), gradient


@contextmanager
def _hook(model: nn.Module, problem: Problem, hook: Any) -> Iterator[None]:
    handle = model.get_submodule(problem.layer).register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def between(low: Tensors, high: Tensors, alpha: float) -> Tensors:
    return tuple(b + alpha * (x - b) for b, x in zip(low, high, strict=True))


def layer_activation(problem: Problem) -> Tensors:
    return each(problem, lambda model, rows: (read(model, rows, problem)[0],))


def layer_gradient_x_activation(problem: Problem, multiply: bool) -> Tensors:
    def one(model: nn.Module, rows: Tensors) -> Tensors:
        activation, gradient = slope(model, rows, problem)
        return (activation * gradient if multiply else gradient,)

    return each(problem, one)


def internal_influence(problem: Problem, name: str, n: int) -> Tensors:
    def one(model: nn.Module, rows: Tensors) -> Tensors:
        total: Any = 0
        for alpha, weight in quadrature(name, n):
            at = between(problem.baselines, rows, alpha)
            total = total + weight * slope(model, at, problem)[1]
        return (total,)

    return each(problem, one)


def layer_conductance(problem: Problem, name: str, n: int) -> Tensors:
    def one(model: nn.Module, rows: Tensors) -> Tensors:
        alphas = [alpha for alpha, _ in quadrature(name, n + 1)]
        total: Any = 0
        for here, there in pairwise(alphas):
            a, g = slope(model, between(problem.baselines, rows, here), problem)
            b, _ = slope(model, between(problem.baselines, rows, there), problem)
            total = total + (b - a) * g
        return (total,)

    return each(problem, one)


def neuron_conductance(problem: Problem, unit: tuple[int, ...], name: str, n: int) -> Tensors:
    def one(model: nn.Module, rows: Tensors) -> Tensors:
        totals = [torch.zeros_like(x) for x in rows]
        for alpha, weight in quadrature(name, n):
            leaves = _leaves(between(problem.baselines, rows, alpha))
            activation, value = read(model, leaves, problem)
            (above,) = torch.autograd.grad(value, activation, retain_graph=True)
            for total, below in zip(totals, _slopes(activation[0][unit], leaves), strict=True):
                total += weight * above[0][unit] * below
        ends = zip(rows, problem.baselines, totals, strict=True)
        return tuple((x - b) * total for x, b, total in ends)

    return each(problem, one)


def grad_cam(problem: Problem) -> Tensors:
    def weigh(activation: Tensor, gradient: Tensor) -> Tensor:
        return torch.full_like(gradient, float(gradient.sum()) / gradient.numel())

    return _maps(problem, weigh)


def grad_cam_plus_plus(problem: Problem) -> Tensors:
    def weigh(activation: Tensor, gradient: Tensor) -> Tensor:
        weight, mass = 0.0, float(activation.detach().sum())
        for g in gradient.flatten().tolist():
            below = 2 * g**2 + g**3 * mass
            if below != 0:
                weight += g**2 / below * max(g, 0)
        return torch.full_like(gradient, weight)

    return _maps(problem, weigh)


def layer_cam(problem: Problem) -> Tensors:
    return _maps(problem, lambda _, gradient: gradient.clamp(min=0))


def _maps(problem: Problem, weigh: Callable[[Tensor, Tensor], Tensor]) -> Tensors:
    return each(problem, lambda model, rows: (_map(model, rows, problem, weigh),))


def _map(model: nn.Module, rows: Tensors, problem: Problem, weigh: Any) -> Tensor:
    activation, gradient = slope(model, rows, problem)
    total = torch.zeros_like(activation[:, :1])
    for a, g in zip(activation[0], gradient[0], strict=True):
        total[0, 0] += weigh(a, g) * a
    return total


class Ruled(nn.Module):
    """A rectifier with a backward pass of its own."""

    def __init__(self, guided: bool) -> None:
        super().__init__()
        self.guided = guided

    def forward(self, x: Tensor) -> Tensor:
        y = x.clamp(min=0).detach()
        # The value of y, with a gradient that is passed on as it is and then changed.
        through = x + (y - x).detach()
        if through.requires_grad:
            through.register_hook(
                lambda g: torch.where((g > 0) & ((y > 0) | (not self.guided)), g, 0)
            )
        return through


def ruled(model: nn.Module, guided: bool) -> nn.Module:
    """A copy of the model with every ReLU module replaced."""
    model = deepcopy(model)
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.ReLU):
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, Ruled(guided))
    return model


def changed_rectifiers(problem: Problem, guided: bool) -> Tensors:
    """Guided backpropagation, or else deconvolution."""

    def one(model: nn.Module, rows: Tensors) -> Tensors:
        leaves = _leaves(rows)
        return _slopes(score(ruled(model, guided), leaves, problem.target), leaves)

    return each(problem, one)


def guided_grad_cam(problem: Problem) -> Tensors:
    (cams,), (pixels,) = grad_cam(problem), changed_rectifiers(problem, True)
    result = torch.zeros_like(pixels)
    for place in product(*(range(s) for s in pixels.shape)):
        i, _, *at = place
        sizes = zip(at, cams.shape[2:], pixels.shape[2:], strict=True)
        source = tuple(p * small // large for p, small, large in sizes)
        result[place] = pixels[place] * max(float(cams[(i, 0, *source)]), 0)
    return (result,)


@dataclass(frozen=True)
class Space:
    """Where one example is explained: its point and baseline, and the score of any point."""

    point: Tensors
    baseline: Tensors
    score: Callable[[Tensors], Tensor]

    def gradient(self, at: Tensors) -> Tensors:
        leaves = _leaves(at)
        return _slopes(self.score(leaves), leaves)


Site = Callable[[nn.Module, Tensors, Problem], Space]


def at_inputs(model: nn.Module, rows: Tensors, problem: Problem) -> Space:
    return Space(rows, problem.baselines, lambda at: score(model, at, problem.target))


def at_layer(model: nn.Module, rows: Tensors, problem: Problem) -> Space:
    """The layer's activation as the input, all else being as it is for this example."""

    def value(at: Tensors) -> Tensor:
        with _hook(model, problem, lambda *_: at[0].clone()):
            return score(model, rows, problem.target)

    point, baseline = (read(model, x, problem)[0].detach() for x in (rows, problem.baselines))
    return Space((point,), (baseline,), value)


def of_neuron(unit: tuple[int, ...]) -> Site:
    def site(model: nn.Module, rows: Tensors, problem: Problem) -> Space:
        return Space(rows, problem.baselines, lambda at: read(model, at, problem)[0][0][unit])

    return site


def saliency(space: Space) -> Tensors:
    return tuple(g.abs() for g in space.gradient(space.point))


def input_x_gradient(space: Space) -> Tensors:
    pairs = zip(space.point, space.gradient(space.point), strict=True)
    return tuple(x * g for x, g in pairs)


def integrated_gradients(space: Space, n: int) -> Tensors:
    totals = [torch.zeros_like(x) for x in space.point]
    for alpha, weight in quadrature("gausslegendre", n):
        gradients = space.gradient(between(space.baseline, space.point, alpha))
        for total, g in zip(totals, gradients, strict=True):
            total += weight * g
    ends = zip(space.point, space.baseline, totals, strict=True)
    return tuple((x - b) * total for x, b, total in ends)


def idgi(space: Space, n: int) -> Tensors:
    totals = [torch.zeros_like(x) for x in space.point]
    for k in range(n):
        here = between(space.baseline, space.point, k / n)
        there = between(space.baseline, space.point, (k + 1) / n)
        rise = float(space.score(there).detach()) - float(space.score(here).detach())
        gradients = space.gradient(here)
        norm = sum(float((g * g).sum()) for g in gradients)
        for total, g in zip(totals, gradients, strict=True):
            if norm > 0:
                total += rise * g * g / norm
    return tuple(totals)


def plain(problem: Problem, site: Site, method: Callable[[Space], Tensors]) -> Tensors:
    return each(problem, lambda model, rows: method(site(model, rows, problem)))


def smoothed(problem: Problem, site: Site, draws: Tensors, kind: str) -> Tensors:
    """Saliency on noisy copies: row k of `draws` is the noise of copy k, per input."""

    def one(model: nn.Module, rows: Tensors) -> Tensors:
        copies = []
        for k in range(len(draws[0])):
            noisy = tuple(x + e[k] for x, e in zip(rows, draws, strict=True))
            copies.append(saliency(site(model, noisy, problem)))
        return tuple(_moment(torch.stack(parts), kind) for parts in zip(*copies, strict=True))

    return each(problem, one)


def _moment(copies: Tensor, kind: str) -> Tensor:
    if kind == "SmoothGrad":
        return copies.mean(0)
    if kind == "SmoothGradSquare":
        return copies.square().mean(0)
    return (copies - copies.mean(0)).square().mean(0)


@dataclass(frozen=True)
class Draws:
    """What each sample drew: a row of the baselines, a place on its path, and noise per input."""

    rows: list[int]
    places: list[float]
    noise: Tensors


def gradient_shap(problem: Problem, site: Site, draws: Draws) -> Tensors:
    """Here the problem's baselines are the rows of a distribution."""

    def one(model: nn.Module, rows: Tensors) -> Tensors:
        totals: list[Any] = []
        for k, (m, place) in enumerate(zip(draws.rows, draws.places, strict=True)):
            drawn = replace(problem, baselines=tuple(b[m : m + 1] for b in problem.baselines))
            space = site(model, rows, drawn)
            noisy = tuple(x + e[k] for x, e in zip(space.point, draws.noise, strict=True))
            gradients = space.gradient(between(space.baseline, noisy, place))
            ends = zip(noisy, space.baseline, gradients, strict=True)
            parts = [(x - b) * g / len(draws.rows) for x, b, g in ends]
            totals = [t + p for t, p in zip(totals, parts, strict=True)] if totals else parts
        return tuple(totals)

    return each(problem, one)


def _leaves(rows: Tensors) -> Tensors:
    return tuple(r.detach().clone().requires_grad_() for r in rows)


def _slopes(value: Tensor, leaves: Tensors) -> Tensors:
    found = torch.autograd.grad(value, leaves, allow_unused=True, retain_graph=True)
    return tuple(
        torch.zeros_like(x) if g is None else g for x, g in zip(leaves, found, strict=True)
    )
