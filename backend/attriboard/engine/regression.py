"""Small weighted regressions, solved for all examples and targets at once."""

from __future__ import annotations

import torch
from torch import Tensor

SWEEPS = 1000
TOLERANCE = 1e-10


def least_squares(x: Tensor, weights: Tensor, y: Tensor) -> Tensor:
    """argmin |sqrt(w) (x b - y)|^2 of least norm: x (K, G), w (K,), y (K, C) -> b (G, C)."""
    root = weights.sqrt()[:, None]
    if x.shape[1] == 0:
        return y.new_zeros(0, y.shape[1])
    driver = "gelsd" if x.device.type == "cpu" else None
    solution: Tensor = torch.linalg.lstsq(x * root, y * root, driver=driver).solution
    return solution


def ridge(masks: Tensor, weights: Tensor, values: Tensor, alpha: float) -> Tensor:
    """Weighted ridge with a free intercept: masks (K, G), weights (K, N), values (K, N, T).

    Minimises sum_k w_k (y_k - c - z_k b)^2 + alpha |b|^2. Returns b, (G, N, T).
    """
    gram, cross = _centred(masks, weights, values)
    gram = gram + alpha * torch.eye(gram.shape[-1], dtype=gram.dtype, device=gram.device)
    solution: Tensor = torch.linalg.lstsq(gram, cross).solution  # (N, G, T)
    return solution.permute(1, 0, 2).to(values.dtype)


def lasso(masks: Tensor, weights: Tensor, values: Tensor, alpha: float) -> Tensor:
    """Weighted lasso with a free intercept, by coordinate descent on the normal equations.

    Minimises sum_k w_k (y_k - c - z_k b)^2 / (2 sum_k w_k) + alpha |b|_1. Returns b, (G, N, T).
    """
    gram, cross = _centred(masks, weights, values)
    mass = weights.sum(0).to(gram)[:, None, None]
    gram, cross = gram / mass, cross / mass
    b = torch.zeros_like(cross)
    diagonal = gram.diagonal(dim1=1, dim2=2)
    for _ in range(SWEEPS):
        largest = torch.zeros((), dtype=b.dtype, device=b.device)
        for j in range(b.shape[1]):
            scale = diagonal[:, j, None]
            rest = cross[:, j] - torch.einsum("ng,ngt->nt", gram[:, j], b) + scale * b[:, j]
            pulled = rest.sign() * (rest.abs() - alpha).clamp(min=0)
            new = torch.where(scale > 0, pulled / torch.where(scale > 0, scale, 1), 0)
            largest = torch.maximum(largest, (new - b[:, j]).abs().amax())
            b[:, j] = new
        if largest <= TOLERANCE * b.abs().amax().clamp(min=1e-12):
            break
    return b.permute(1, 0, 2).to(values.dtype)


def _centred(masks: Tensor, weights: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """The weighted, centred normal equations: (N, G, G) and (N, G, T)."""
    z = masks.to(values.device, torch.float64)
    w = weights.to(z).T  # (N, K)
    share = w / w.sum(1, keepdim=True)
    y = values.double().permute(1, 0, 2)
    centre, level = share @ z, torch.einsum("nk,nkt->nt", share, y)
    gram = torch.einsum("nk,kg,kh->ngh", w, z, z)
    mass = w.sum(1)[:, None, None]
    gram = gram - mass * centre[:, :, None] * centre[:, None, :]
    cross = torch.einsum("nk,kg,nkt->ngt", w, z, y)
    return gram, cross - mass * centre[:, :, None] * level[:, None, :]
