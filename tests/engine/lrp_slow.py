"""LRP in explicit loops over w_ij x_i, one neuron at a time."""

from __future__ import annotations

import torch
from torch import Tensor, nn

Matrix = list[list[float]]

EPSILON, GAMMA, ALPHA, LOW, HIGH = 1e-3, 0.5, 2.0, -3.0, 3.0


def stable(z: float, epsilon: float = 1e-9) -> float:
    return z + epsilon if z >= 0 else z - epsilon


def dense(layer: nn.Module, shape: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """(outputs, inputs) weights and (outputs,) biases of any affine layer, read off unit inputs."""
    size = int(torch.Size(shape).numel())
    nothing = layer(torch.zeros(1, *shape, dtype=torch.float64)).flatten()
    units = torch.eye(size, dtype=torch.float64).reshape(size, *shape)
    return (layer(units).flatten(1) - nothing).T, nothing


def share(rule: str, w: Matrix, b: list[float], x: list[float], relevance: list[float]) -> Tensor:
    """The relevance of each x_i from that of each output j."""
    result = [0.0] * len(x)
    for j, r in enumerate(relevance):
        for i, part in enumerate(_parts(rule, w[j], b[j], x)):
            result[i] += part * r
    return torch.tensor(result, dtype=torch.float64)


def _parts(rule: str, w: list[float], b: float, x: list[float]) -> list[float]:
    """The share of one output that each input takes."""
    inputs = range(len(x))
    if rule == "epsilon":
        z = sum(w[i] * x[i] for i in inputs) + b
        return [w[i] * x[i] / stable(z, EPSILON) for i in inputs]
    if rule == "gamma":
        v = [w[i] + GAMMA * max(w[i], 0.0) for i in inputs]
        z = sum(v[i] * x[i] for i in inputs) + b + GAMMA * max(b, 0.0)
        return [v[i] * x[i] / stable(z) for i in inputs]
    if rule in ("z_plus", "alpha_beta"):
        alpha = ALPHA if rule == "alpha_beta" else 1.0
        up = sum(max(w[i] * x[i], 0.0) for i in inputs) + max(b, 0.0)
        down = sum(min(w[i] * x[i], 0.0) for i in inputs) + min(b, 0.0)
        return [
            alpha * max(w[i] * x[i], 0.0) / stable(up)
            - (alpha - 1) * min(w[i] * x[i], 0.0) / (down - 1e-9)
            for i in inputs
        ]
    if rule == "flat":
        return [1 / stable(float(len(x))) for _ in inputs]
    if rule == "w_square":
        return [w[i] ** 2 / stable(sum(v * v for v in w)) for i in inputs]
    assert rule == "z_box"
    q = [w[i] * x[i] - LOW * max(w[i], 0.0) - HIGH * min(w[i], 0.0) for i in inputs]
    return [q[i] / stable(sum(q)) for i in inputs]


def relevance(model: nn.Sequential, x: Tensor, target: int, rules: dict[str, str]) -> Tensor:
    """The relevance of one row; `rules` by the name of a child, pools and norms take "epsilon"."""
    seen = [x[None]]
    for layer in model:
        seen.append(layer(seen[-1]))
    now = torch.zeros_like(seen[-1][0])
    now[target] = seen[-1][0, target]
    for (name, layer), before in zip(
        reversed(list(model.named_children())), reversed(seen[:-1]), strict=True
    ):
        if isinstance(layer, nn.ReLU | nn.Tanh | nn.GELU):
            continue
        if isinstance(layer, nn.Flatten):
            now = now.reshape(before[0].shape)
            continue
        if isinstance(layer, nn.MaxPool2d):
            now = _winners(before, now, layer)
            continue
        w, b = dense(layer, tuple(before.shape[1:]))
        rule = rules.get(name, "sum")
        values = before.flatten().tolist()
        if rule == "flat":  # only places within the kernel's reach have a part
            now = _flat(layer, before, now)
            continue
        if rule == "sum":
            z = [stable(sum(p * q for p, q in zip(row, values, strict=True)) + c)
                 for row, c in zip(w.tolist(), b.tolist(), strict=True)]  # fmt: skip
            parts = zip(w.tolist(), z, now.flatten().tolist(), strict=True)
            found = torch.zeros(len(values), dtype=torch.float64)
            for row, below, r in parts:
                for i, value in enumerate(values):
                    found[i] += row[i] * value / below * r
            now = found.reshape(before[0].shape)
            continue
        found = share(rule, w.tolist(), b.tolist(), values, now.flatten().tolist())
        now = found.reshape(before[0].shape)
    return now


def _flat(layer: nn.Module, before: Tensor, now: Tensor) -> Tensor:
    """Every input an output reads takes the same part of it."""
    ones = type(layer)(**_shape_of(layer)).double()
    with torch.no_grad():
        ones.weight.fill_(1.0)
    reach, _ = dense(ones, tuple(before.shape[1:]))
    result = torch.zeros(before.numel(), dtype=torch.float64)
    for j, r in enumerate(now.flatten().tolist()):
        count = float(reach[j].detach().sum())
        for i in range(before.numel()):
            result[i] += float(reach[j, i]) / stable(count) * r
    return result.reshape(before[0].shape)


def _shape_of(layer: nn.Module) -> dict[str, object]:
    if isinstance(layer, nn.Linear):
        return {
            "in_features": layer.in_features, "out_features": layer.out_features, "bias": False
        }  # fmt: skip
    assert isinstance(layer, nn.Conv2d)
    names = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
    return {**{name: getattr(layer, name) for name in names}, "bias": False}


def _winners(before: Tensor, now: Tensor, pool: nn.MaxPool2d) -> Tensor:
    _, index = nn.functional.max_pool2d(
        before, pool.kernel_size, pool.stride, pool.padding, return_indices=True
    )
    result = torch.zeros_like(before[0]).flatten(1)
    for c in range(len(result)):
        for place, r in zip(index[0, c].flatten().tolist(), now[c].flatten().tolist(), strict=True):
            result[c, place] += r
    return result.reshape(before[0].shape)
