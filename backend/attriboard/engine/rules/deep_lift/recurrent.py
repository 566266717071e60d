"""GRU, LSTM and plain recurrent networks, spelled out step by step.

torch runs a whole sequence as one operation. It has two forms of each: on a padded tensor, and on
packed data whose first `batch_sizes[t]` examples are still running at step t.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

State = tuple[Tensor, ...]
"""(h,), or (h, c) of an LSTM."""

Cell = Callable[[Tensor, State, Sequence[Tensor | None]], State]
"""(x, state, weights) -> the next state; weights are w_ih, w_hh, b_ih, b_hh and maybe w_hr."""


def gru_cell(x: Tensor, state: State, weights: Sequence[Tensor | None]) -> State:
    """n + z (h - n), with gates in torch's order: reset, update, new."""
    (h,) = state
    r, z, n = _linear(x, weights[0], weights[2]).chunk(3, -1)
    hr, hz, hn = _linear(h, weights[1], weights[3]).chunk(3, -1)
    new = torch.tanh(n + torch.sigmoid(r + hr) * hn)
    return (new + torch.sigmoid(z + hz) * (h - new),)


def lstm_cell(x: Tensor, state: State, weights: Sequence[Tensor | None]) -> State:
    """Gates in torch's order: input, forget, cell, output; w_hr projects what is put out."""
    h, c = state
    gates = _linear(x, weights[0], weights[2]) + _linear(h, weights[1], weights[3])
    i, f, g, o = gates.chunk(4, -1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
    return (h if len(weights) < 5 else _linear(h, weights[4], None)), c


def plain_cell(
    x: Tensor,
    state: State,
    weights: Sequence[Tensor | None],
    activation: Callable[[Tensor], Tensor],
) -> State:
    (h,) = state
    return (activation(_linear(x, weights[0], weights[2]) + _linear(h, weights[1], weights[3])),)


tanh_cell: Cell = partial(plain_cell, activation=torch.tanh)
relu_cell: Cell = partial(plain_cell, activation=torch.relu)


def gru(*args: Any) -> Any:
    return _network(gru_cell, args)


def lstm(*args: Any) -> Any:
    return _network(lstm_cell, args)


def rnn_tanh(*args: Any) -> Any:
    return _network(tanh_cell, args)


def rnn_relu(*args: Any) -> Any:
    return _network(relu_cell, args)


def one_gru_cell(x: Tensor, h: Tensor, *weights: Tensor | None) -> Tensor:
    return gru_cell(x, (h,), _full(weights))[0]


def one_lstm_cell(x: Tensor, state: Sequence[Tensor], *weights: Tensor | None) -> State:
    return lstm_cell(x, tuple(state), _full(weights))


def one_tanh_cell(x: Tensor, h: Tensor, *weights: Tensor | None) -> Tensor:
    return tanh_cell(x, (h,), _full(weights))[0]


def one_relu_cell(x: Tensor, h: Tensor, *weights: Tensor | None) -> Tensor:
    return relu_cell(x, (h,), _full(weights))[0]


def _network(cell: Cell, args: tuple[Any, ...]) -> Any:
    """(output, last h, ...) of either of torch's two forms."""
    packed = isinstance(args[3], list | tuple)
    if packed:
        data, sizes, state, weights, biases, layers, dropout, train, both = args
        steps = list(data.split(sizes.tolist()))
    else:
        data, state, weights, biases, layers, dropout, train, both, batch_first = args
        steps = list(data.unbind(1 if batch_first else 0))
    state = (state,) if isinstance(state, Tensor) else tuple(state)
    runs = _grouped(weights, layers * (2 if both else 1), biases)
    steps, last = _layers(cell, steps, state, runs, both, dropout if train else 0.0)
    output = torch.cat(steps) if packed else torch.stack(steps, 1 if batch_first else 0)
    return (output, *last)


def _layers(
    cell: Cell,
    steps: list[Tensor],
    state: State,
    runs: list[list[Tensor | None]],
    both: bool,
    dropout: float,
) -> tuple[list[Tensor], State]:
    """Layer upon layer; `state` holds (layers x directions, N, H)."""
    finals: list[State] = []
    width = 2 if both else 1
    for layer in range(0, len(runs), width):
        if layer and dropout > 0:
            steps = [torch.dropout(step, dropout, True) for step in steps]
        sides = []
        for run in range(layer, layer + width):
            start = tuple(s[run] for s in state)
            outputs, final = _run(cell, steps, start, runs[run], reverse=run > layer)
            sides.append(outputs)
            finals.append(final)
        steps = [torch.cat(pair, -1) if both else pair[0] for pair in zip(*sides, strict=True)]
    return steps, tuple(torch.stack(parts) for parts in zip(*finals, strict=True))


def _run(
    cell: Cell, steps: list[Tensor], state: State, weights: list[Tensor | None], reverse: bool
) -> tuple[list[Tensor], State]:
    """One direction of one layer. Rows beyond a step's own wait with the state they have."""
    outputs: list[Tensor] = []
    for x in reversed(steps) if reverse else steps:
        rows = len(x)
        new = cell(x, tuple(s[:rows] for s in state), weights)
        outputs.append(new[0])
        waiting = rows < len(state[0])
        state = (
            tuple(torch.cat([a, s[rows:]]) for a, s in zip(new, state, strict=True))
            if waiting
            else new
        )
    return outputs[::-1] if reverse else outputs, state


def _grouped(weights: Sequence[Tensor], runs: int, biases: bool) -> list[list[Tensor | None]]:
    """The flat list of weights, by run; without biases their places are None."""
    size = len(weights) // runs
    groups: list[list[Tensor | None]] = []
    for run in range(runs):
        own = list(weights[run * size : (run + 1) * size])
        groups.append([*own] if biases else [*own[:2], None, None, *own[2:]])
    return groups


def _full(weights: tuple[Tensor | None, ...]) -> list[Tensor | None]:
    return [*weights, None, None][:4]


def _linear(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    assert weight is not None
    return F.linear(x, weight, bias)
