"""Networks on which DeepLift must add up, beyond the problems every method is tried on.

Each is one function of a batch whose rows do not influence one another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from engine.problems import Problem

ROW, SEQUENCE, IMAGE = (6,), (5, 8), (2, 8, 8)


class Spelled(nn.Module):
    """A forward pass written as a function of the module and its input."""

    def __init__(self, run: Callable[[Any, Tensor], Tensor], **parts: nn.Module) -> None:
        super().__init__()
        self.run = run
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x: Tensor) -> Tensor:
        return self.run(self, x)


def between(function: Callable[[Tensor], Tensor]) -> Callable[[], nn.Module]:
    """A function of (N, 6) between two linear layers."""

    def run(self: Any, x: Tensor) -> Tensor:
        return self.head(function(self.line(x)))

    return lambda: Spelled(run, line=nn.Linear(6, 6), head=nn.Linear(6, 3))


def _problem(name: str, make: Callable[[], nn.Module], shape: tuple[int, ...]) -> Problem:
    source = torch.Generator().manual_seed(7)
    x = torch.randn(3, *shape, generator=source, dtype=torch.float64)
    b = 0.3 * torch.randn(1, *shape, generator=source, dtype=torch.float64)
    return Problem(name, make, (x,), (b,))


def _attends(self: Any, x: Tensor) -> Tensor:
    hidden = torch.zeros(len(x), 5, dtype=torch.bool)
    hidden[:, 3:] = True
    return self.head(self.body(x, x, x, key_padding_mask=hidden)[0].mean(1))


def _attends_sequence_first(self: Any, x: Tensor) -> Tensor:
    x = x.transpose(0, 1)
    return self.head(self.body(x, x, x, need_weights=False)[0].mean(0))


def _encodes(self: Any, x: Tensor) -> Tensor:
    return self.head(self.body(x.transpose(0, 1))[0])


def _recurs(self: Any, x: Tensor) -> Tensor:
    return self.head(self.body(x)[0][:, -1])


def _packs(self: Any, x: Tensor) -> Tensor:
    lengths = torch.full((len(x),), 4)
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    output, _ = nn.utils.rnn.pad_packed_sequence(self.body(packed)[0], batch_first=True)
    return self.head(output.sum(1))


def _head_of_attention(self: Any, x: Tensor) -> Tensor:
    scores = self.query(x) @ self.key(x).transpose(1, 2)
    seen = torch.ones(5, 5, dtype=torch.bool).tril()
    return self.head((F.softmax(scores.masked_fill(~seen, -torch.inf), -1) @ x).mean(1))


def _grouped_attention(self: Any, x: Tensor) -> Tensor:
    q = x.reshape(-1, 5, 4, 2).transpose(1, 2)
    k = self.line(x).reshape(-1, 5, 2, 2).transpose(1, 2)
    mask = torch.tensor([[True, False, True, i < 2, True] for i in range(5)])
    y = F.scaled_dot_product_attention(q, k, k, attn_mask=mask, enable_gqa=True)
    return self.head(y.transpose(1, 2).flatten(2).mean(1))


def _causal(self: Any, x: Tensor) -> Tensor:
    y = F.scaled_dot_product_attention(x, self.line(x), x.sin(), is_causal=True, scale=0.5)
    return self.head(y.mean(1))


def _cells(self: Any, x: Tensor) -> Tensor:
    h = self.gru(x[:, 1], self.gru(x[:, 0]))
    return self.head(self.lstm(x[:, 2], (h, h.tanh()))[0] + self.plain(x[:, 3]))


def _squeezes(self: Any, x: Tensor) -> Tensor:
    x = self.conv(x)
    gate = torch.sigmoid(self.gate(x.mean((2, 3))))
    return self.head((x * gate[:, :, None, None]).amax((2, 3)))


def _pools(self: Any, x: Tensor) -> Tensor:
    x = self.norm(self.conv(x)).relu_()
    x = F.max_pool2d(x, 3, 1, 1) + F.max_pool2d(x, 3, 1, 1, return_indices=True)[0]
    x = F.adaptive_max_pool2d(F.max_pool2d(x, 3, 2, ceil_mode=True), 3)
    return self.head(x.flatten(1))


def _convolves(self: Any, x: Tensor) -> Tensor:
    return self.head(F.max_pool1d(F.relu(self.norm(self.conv(x)), True), 3, 1).flatten(1))


def _normalises(self: Any, x: Tensor) -> Tensor:
    x = self.instance(self.group(x)).relu()
    return self.head(F.rms_norm(x, (8,)).mean(2))


def _checkpoints(self: Any, x: Tensor) -> Tensor:
    def part(x: Tensor) -> Tensor:
        return F.softmax(x @ self.line(x).relu().transpose(1, 2), -1) @ F.layer_norm(x, (8,))

    return self.head(checkpoint(part, x, use_reentrant=False).mean(1))


def _chunked(x: Tensor) -> Tensor:
    left, right = x.chunk(2, 1)
    return torch.cat([left * right.sigmoid(), F.glu(x, 1)], 1)


def _in_place(x: Tensor) -> Tensor:
    x = x.clone()
    x[:, :3].relu_()
    x[:, 2:5].mul_(x[:, 1:4].sigmoid())
    x[:, 0] = x[:, 1].tanh()
    return x.div_(2 + x.sigmoid())


def _activations(x: Tensor) -> Tensor:
    smooth = F.gelu(x) + F.gelu(x, approximate="tanh") + F.silu(x) + F.mish(x) + F.softplus(x)
    kinked = F.elu(x) + F.selu(x) + F.hardswish(x) + F.leaky_relu(x) + F.relu6(x) + x.abs()
    return smooth + kinked + F.hardtanh(x, -0.1, 0.2) + x.clamp(min=0.1) + F.logsigmoid(x)


def _powers(x: Tensor) -> Tensor:
    return x**2 + x.pow(3) + 2**x + x.exp() + 1 / (3 + x) + (x * x + 1).rsqrt() + x.abs().sqrt()


def _norms(x: Tensor) -> Tensor:
    even = F.normalize(x, dim=1) + x / x.norm(dim=1, keepdim=True) + x / (1 + x.norm(1, 1, True))
    spread = x.std(1, keepdim=True) + x.var(1, keepdim=True, unbiased=False)
    alike = F.cosine_similarity(x, x.flip(1))[:, None] + F.pairwise_distance(x, -x)[:, None]
    return even + F.layer_norm(x, (6,)) + (x - x.mean(1, keepdim=True)) / spread + alike


def _softmaxes(x: Tensor) -> Tensor:
    lowest = x - x.amax(1, keepdim=True)
    spelled = lowest.exp() / lowest.exp().sum(1, keepdim=True)
    sharp = torch.softmax(40 * x, 1) + F.softmin(x, 1) + x.log_softmax(1)
    return spelled + sharp + x.logsumexp(1, keepdim=True) + torch.logaddexp(x, x.flip(1))


def _extremes(x: Tensor) -> Tensor:
    pairs = torch.maximum(x, x.flip(1)) + torch.min(x, x.roll(1, 1))
    return pairs + x.amin((1,), keepdim=True) + torch.max(x, 1, keepdim=True)[0]


def _masked(x: Tensor) -> Tensor:
    """Activations spelled with masks, which no gradient reaches."""
    leaky = torch.where(x > 0, x, 0.1 * x) + torch.where(x > 0, x, torch.expm1(x))
    return leaky + x * (x > 0) + x * (x > 0.1).to(x) + x.masked_fill(x < 0, 0.0)


def _products(x: Tensor) -> Tensor:
    outer = torch.bmm(x[:, :, None], x[:, None, :]).sum(1) + torch.einsum("bi,bj,bk->bi", x, x, x)
    return outer + x * x + x + x + torch.addcmul(x, x, x.tanh()) + x.flip(1) * x.sigmoid()


def _spectrum(x: Tensor) -> Tensor:
    return torch.fft.rfft(x).abs().repeat(1, 2)[:, :6]


_Layer = nn.TransformerEncoderLayer

EXTRA: tuple[Problem, ...] = (
    _problem(
        "multi-head attention, padded",
        lambda: Spelled(
            _attends, body=nn.MultiheadAttention(8, 2, batch_first=True), head=nn.Linear(8, 3)
        ),
        SEQUENCE,
    ),
    _problem(
        "multi-head attention, sequence first",
        lambda: Spelled(
            _attends_sequence_first, body=nn.MultiheadAttention(8, 2), head=nn.Linear(8, 3)
        ),
        SEQUENCE,
    ),
    _problem(
        "encoder of two layers, norm first",
        lambda: Spelled(
            _encodes,
            body=nn.TransformerEncoder(
                _Layer(8, 2, 16, norm_first=True), 2, enable_nested_tensor=False
            ),
            head=nn.Linear(8, 3),
        ),
        SEQUENCE,
    ),
    _problem(
        "attention head",
        lambda: Spelled(
            _head_of_attention, query=nn.Linear(8, 4), key=nn.Linear(8, 4), head=nn.Linear(8, 3)
        ),
        SEQUENCE,
    ),
    _problem(
        "grouped attention with a mask",
        lambda: Spelled(_grouped_attention, line=nn.Linear(8, 4), head=nn.Linear(8, 3)),
        SEQUENCE,
    ),
    _problem(
        "causal attention",
        lambda: Spelled(_causal, line=nn.Linear(8, 8), head=nn.Linear(8, 3)),
        SEQUENCE,
    ),
    _problem(
        "lstm, two layers both ways",
        lambda: Spelled(
            _recurs,
            body=nn.LSTM(8, 6, 2, batch_first=True, bidirectional=True),
            head=nn.Linear(12, 3),
        ),
        SEQUENCE,
    ),
    _problem(
        "lstm with projections, no biases",
        lambda: Spelled(
            _recurs,
            body=nn.LSTM(8, 6, batch_first=True, proj_size=4, bias=False),
            head=nn.Linear(4, 3),
        ),
        SEQUENCE,
    ),
    _problem(
        "gru, packed, both ways",
        lambda: Spelled(
            _packs,
            body=nn.GRU(8, 6, batch_first=True, bidirectional=True),
            head=nn.Linear(12, 3),
        ),
        SEQUENCE,
    ),
    _problem(
        "rnn of relus",
        lambda: Spelled(
            _recurs, body=nn.RNN(8, 6, nonlinearity="relu", batch_first=True), head=nn.Linear(6, 3)
        ),
        SEQUENCE,
    ),
    _problem(
        "recurrent cells",
        lambda: Spelled(
            _cells,
            gru=nn.GRUCell(8, 6),
            lstm=nn.LSTMCell(8, 6),
            plain=nn.RNNCell(8, 6),
            head=nn.Linear(6, 3),
        ),
        SEQUENCE,
    ),
    _problem(
        "squeeze and excite",
        lambda: Spelled(
            _squeezes, conv=nn.Conv2d(2, 4, 3), gate=nn.Linear(4, 4), head=nn.Linear(4, 3)
        ),
        IMAGE,
    ),
    _problem(
        "pools of every kind",
        lambda: Spelled(
            _pools, conv=nn.Conv2d(2, 3, 3), norm=nn.BatchNorm2d(3), head=nn.Linear(27, 3)
        ),
        IMAGE,
    ),
    _problem(
        "one-dimensional convolution",
        lambda: Spelled(
            _convolves, conv=nn.Conv1d(5, 4, 3), norm=nn.BatchNorm1d(4), head=nn.Linear(16, 3)
        ),
        SEQUENCE,
    ),
    _problem(
        "group, instance and rms norm",
        lambda: Spelled(
            _normalises,
            group=nn.GroupNorm(1, 5),
            instance=nn.InstanceNorm1d(5, affine=True),
            head=nn.Linear(5, 3),
        ),
        SEQUENCE,
    ),
    _problem(
        "checkpoint",
        lambda: Spelled(_checkpoints, line=nn.Linear(8, 8), head=nn.Linear(8, 3)),
        SEQUENCE,
    ),
    _problem("chunked glu", between(_chunked), ROW),
    _problem("in-place calls on views", between(_in_place), ROW),
    _problem("activations", between(_activations), ROW),
    _problem("powers", between(_powers), ROW),
    _problem("norms", between(_norms), ROW),
    _problem("softmaxes", between(_softmaxes), ROW),
    _problem("extremes", between(_extremes), ROW),
    _problem("masked activations", between(_masked), ROW),
    _problem("products", between(_products), ROW),
    _problem("spectrum", between(_spectrum), ROW),
    _problem("products over a row", between(lambda x: x + x.prod(1, keepdim=True)), ROW),
)
