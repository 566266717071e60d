"""Small weighted regressions, solved for all examples and targets at once."""

from __future__ import annotations

import torch
from torch import Tensor

STEPS = 20_000
FIRST_POLISH = 8
TOLERANCE = 1e-10
STILL = 1e-13
LARGE = 512
MOST_NUMBERS = 1 << 26


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
    """Weighted lasso with a free intercept. Returns b, (G, N, T).

    Minimises sum_k w_k (y_k - c - z_k b)^2 / (2 sum_k w_k) + alpha |b|_1 by accelerated gradient
    steps (Beck and Teboulle 2009, FISTA; restarts by O'Donoghue and Candes 2015, section 3.2) until
    the signs stand, which then give b in closed form.
    """
    gram, cross = _centred(masks, weights, values)
    mass = weights.sum(0).to(gram)[:, None, None]
    gram, cross = gram / mass, cross / mass
    b = torch.zeros_like(cross)
    if not b.numel():
        return b.permute(1, 0, 2).to(values.dtype)
    step = 1 / _steepest(gram).clamp(min=1e-300)[:, None, None]
    ahead, pace = b, torch.ones_like(cross[:, :1])
    polish = FIRST_POLISH
    for sweep in range(1, STEPS + 1):
        before, b = b, _shrunk(ahead + step * (cross - gram @ ahead), step * alpha)
        overshot = ((ahead - b) * (b - before)).sum(1, keepdim=True) > 0
        pace = torch.where(overshot, 1.0, pace)
        faster = (1 + (1 + 4 * pace * pace).sqrt()) / 2
        ahead, pace = b + (pace - 1) / faster * (b - before), faster
        if sweep < polish:
            continue
        polish = polish * 3 // 2
        exact, settled = _polished(gram, cross, b.sign(), alpha)
        if settled or bool((b - before).abs().amax() <= STILL * b.abs().amax()):
            b = exact if settled else b
            break
    return b.permute(1, 0, 2).to(values.dtype)


def _steepest(gram: Tensor) -> Tensor:
    """(N,): the largest eigenvalue, or a bound of it where finding it would take long."""
    if gram.shape[-1] <= LARGE:
        largest: Tensor = torch.linalg.matrix_norm(gram, 2)
        return largest
    return gram.abs().sum(-1).amax(-1)


def _shrunk(b: Tensor, by: Tensor) -> Tensor:
    return b.sign() * (b.abs() - by).clamp(min=0)


def _polished(gram: Tensor, cross: Tensor, sign: Tensor, alpha: float) -> tuple[Tensor, bool]:
    """b where its signs are `sign`, and whether all of the lasso's conditions hold there."""
    signs = sign.permute(0, 2, 1)  # (N, T, G)
    if signs.numel() * signs.shape[-1] > MOST_NUMBERS:
        return sign, False
    active = signs != 0
    both = active[..., :, None] & active[..., None, :]
    system = torch.where(both, gram[:, None], torch.diag_embed((~active).to(gram)))
    wanted = torch.where(active, cross.permute(0, 2, 1) - alpha * signs, 0)
    b, trouble = torch.linalg.solve_ex(system, wanted[..., None])
    b = b[..., 0]
    rest = cross.permute(0, 2, 1) - (gram[:, None] @ b[..., None])[..., 0]
    slack = TOLERANCE * cross.abs().amax().clamp(min=alpha)
    right = torch.where(active, b.sign() == signs, rest.abs() <= alpha + slack)
    exact = torch.where(active, (rest - alpha * signs).abs() <= slack, True)
    settled = bool(right.all() & exact.all()) and not bool(trouble.any())
    return b.permute(0, 2, 1), settled


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
