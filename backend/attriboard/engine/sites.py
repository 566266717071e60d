"""Sites: where attributions live, and what is explained. Functions from Probe to Probe.

observed  reads activation and gradient at a layer while the rows stay inputs;
spliced   makes the layer's activation the input space itself;
neuron    explains one unit of a layer instead of the output;
through   explains the part of the score that flows through one unit.

Observing and splicing differ on networks with residual connections: keep them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any, Literal

import torch
from torch import Tensor, nn

from attriboard.engine.errors import InvalidInput, Unsupported
from attriboard.engine.pools import Pool
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Tensors, copied, is_integer, take

Side = Literal["output", "input"]
Neuron = int | tuple[int | slice, ...] | Callable[[Any], Tensor]
"""An index into the layer's activation, slices that are summed, or a function of it."""

SIDES: tuple[Side, ...] = ("output", "input")


@dataclass(frozen=True)
class Layer:
    """A layer of the engine's own tree, seen from its output or its input."""

    module: nn.Module
    side: Side = "output"
    name: str = ""

    @contextmanager
    def captured(self) -> Iterator[list[Tensor]]:
        """Leave the layer's activations in the list; where it runs twice, the last run's."""
        box: list[Tensor] = []

        def note(tensors: list[Tensor]) -> None:
            box[:] = tensors

        with self.read(note):
            yield box

    @contextmanager
    def read(self, note: Callable[[list[Tensor]], None]) -> Iterator[None]:
        """Hand the layer's activations to `note` at each run."""

        def keep(tensors: Tensors) -> Tensors:
            fresh = [fresh_leaf(tensor) for tensor in tensors]
            note(fresh)
            return tuple(tensor.clone() for tensor in fresh)  # in-place calls spare the original

        with self._changed(keep):
            yield

    @contextmanager
    def replaced(self, values: Tensors) -> Iterator[None]:
        """Make the layer's activation `values`, whatever reaches it."""
        with self._changed(lambda _: tuple(value.clone() for value in values)):
            yield

    @contextmanager
    def _changed(self, change: Callable[[Tensors], Tensors]) -> Iterator[None]:
        def output(module: nn.Module, args: Any, result: Any) -> Any:
            return _rebuilt(result, change(_tensors(result, self)))

        def inputs(module: nn.Module, args: Any) -> Any:
            return _rebuilt(args, change(_tensors(args, self)))

        if self.side == "output":
            handle = self.module.register_forward_hook(output)
        else:
            handle = self.module.register_forward_pre_hook(inputs)
        try:
            yield
        finally:
            handle.remove()


@dataclass(frozen=True)
class Layers(Layer):
    """Several layers as one: their tensors one after another, in the order of `parts`."""

    parts: tuple[Layer, ...] = ()
    counts: dict[int, int] = field(default_factory=dict, compare=False)

    @contextmanager
    def captured(self) -> Iterator[list[Tensor]]:
        box: list[Tensor] = []
        seen: dict[int, list[Tensor]] = {}

        def note(i: int, tensors: list[Tensor]) -> None:
            seen[i], self.counts[i] = tensors, len(tensors)
            box[:] = [tensor for j in sorted(seen) for tensor in seen[j]]

        with ExitStack() as stack:
            for i, part in enumerate(self.parts):
                stack.enter_context(part.read(partial(note, i)))
            yield box

    @contextmanager
    def replaced(self, values: Tensors) -> Iterator[None]:
        rest = iter(values)
        with ExitStack() as stack:
            for i, part in enumerate(self.parts):
                own = tuple(islice(rest, self.counts.get(i, 0)))
                stack.enter_context(part.replaced(own))
            yield


def several(parts: Sequence[Layer], side: Side) -> Layers:
    """The layers `parts` as one."""
    if not parts:
        raise InvalidInput("`layer` is an empty list: name at least one layer.", "layer")
    name = ", ".join(part.name for part in parts)
    return Layers(parts[0].module, side, name, tuple(parts))


def rooted(probe: Probe) -> Probe:
    """The same scores, with row i of the point as an example of its own.

    A site is chosen where row i is example i, which no longer holds once a method moved the rows.
    """

    def score(rows: Tensors, index: Tensor) -> Tensor:
        return probe.score(rows, probe.examples[index])

    return replace(probe, score=score, examples=torch.arange(probe.count), settle=None)


def observed(probe: Probe, layer: Layer) -> Probe:
    """Rows stay inputs; activations and gradients are read at `layer`."""
    return replace(probe, site=layer, place=(probe.place, "observed", layer.name, layer.side))


def spliced(probe: Probe, layer: Layer) -> Probe:
    """The layer's activation becomes the input space; point and baseline are read there."""
    inputs = probe.point  # row i is example i: a site is chosen before a method moves the rows

    def score(rows: Tensors, index: Tensor) -> Tensor:
        with layer.replaced(rows):
            return probe.score(take(inputs, index), index)

    return replace(
        probe,
        score=score,
        point=activations(probe, layer, probe.point),
        baseline=activations(probe, layer, probe.baseline),
        pool=_pool_at(probe, layer),
        site=None,
        features=None,
        place=(probe.place, "spliced", layer.name, layer.side),
    )


def neuron(probe: Probe, layer: Layer, index: Neuron) -> Probe:
    """Explain one unit of `layer`: its activation is the score."""

    def score(rows: Tensors, examples: Tensor) -> Tensor:
        with layer.captured() as box:
            probe.score(rows, examples)
        return _chosen(box, layer, index)[:, None]

    return replace(
        probe, score=score, targets=1, place=(probe.place, "neuron", layer.name, layer.side)
    )


def through(probe: Probe, layer: Layer, index: Neuron) -> Probe:
    """Explain the flow through one unit: its activation, weighted by the score's gradient there.

    Integrated Gradients on this probe is neuron conductance (Dhamdhere et al. 2018, equation 3).
    """
    if callable(index):
        raise InvalidInput(
            "`neuron` is a function, and no single unit's flow can be followed through it: give "
            "an index.",
            "neuron",
        )

    def score(rows: Tensors, examples: Tensor) -> Tensor:
        with layer.captured() as box:
            scores = probe.score(rows, examples)
        tensor = _single(box, layer)
        weights = [
            torch.autograd.grad(column.sum(), tensor, retain_graph=True)[0].detach()
            for column in scores.unbind(1)
        ]
        return torch.stack([unit(tensor, index) * unit(weight, index) for weight in weights], 1)

    return replace(probe, score=score, place=(probe.place, "through", layer.name, layer.side))


def _pool_at(probe: Probe, layer: Layer) -> Pool | None:
    """The distribution of baselines at the layer: what each would be there for each example.

    Extra arguments follow the example, so that the same baseline may differ from one to another.
    """
    pool = probe.pool
    if pool is None or probe.count == 0:
        return pool
    pairs = torch.arange(pool.count * probe.count)
    m, n = pairs // probe.count, pairs % probe.count
    reading = replace(probe, examples=probe.examples[n])
    return Pool(activations(reading, layer, pool.take(m, n)), pool.count, probe.count)


def activations(probe: Probe, layer: Layer, at: Tensors) -> Tensors:
    """The activations of `layer` at the rows `at`, one per example, each (N, ...)."""
    latest: list[Tensor] = []  # a block may run more than once; what it gave last is kept

    def score(rows: Tensors, examples: Tensor) -> Tensor:
        with layer.captured() as box:
            probe.score(rows, examples)
        latest[:] = [tensor.detach() for tensor in box]
        return torch.zeros(len(examples), 1)

    place = (probe.place, "read", layer.name)
    reading = replace(probe, score=score, point=at, targets=1, place=place, steady=True)
    parts = [copied(tuple(latest)) for _ in reading.stream(reading.at_point, 1)]
    if not parts or not parts[0]:
        raise Unsupported(
            f"The layer {layer.name!r} did not run in the forward pass, so nothing is there to "
            "explain."
        )
    return tuple(torch.cat([part[i] for part in parts]) for i in range(len(parts[0])))


def _chosen(box: list[Tensor], layer: Layer, index: Neuron) -> Tensor:
    """The number explained for each row, (R,)."""
    if not callable(index):
        return unit(_single(box, layer), index)
    chosen = index(box[0] if len(box) == 1 else tuple(box))
    if not isinstance(chosen, Tensor) or chosen.ndim != 1:
        raise InvalidInput("`neuron`, a function, must return one number for each row.", "neuron")
    return chosen


def unit(tensor: Tensor, index: int | tuple[int | slice, ...]) -> Tensor:
    """Unit `index` of each row of (R, ...), (R,); several units are summed.

    Raises InvalidInput where the index does not fit the layer's shape.
    """
    index = index if isinstance(index, tuple) else (index,)
    if len(index) > tensor.ndim - 1:
        raise InvalidInput(
            f"`neuron` has {len(index)} indices, but the layer has shape "
            f"{tuple(tensor.shape[1:])} a row.",
            "neuron",
        )
    try:
        chosen = tensor[(slice(None), *index)]
    except IndexError:
        raise InvalidInput(
            f"`neuron` {index} is outside the layer's shape {tuple(tensor.shape[1:])}.", "neuron"
        ) from None
    if chosen.ndim > 1 and not any(isinstance(i, slice) for i in index):
        raise InvalidInput(
            f"`neuron` has {len(index)} indices, but the layer has shape "
            f"{tuple(tensor.shape[1:])} a row: give one for each dimension, or slices.",
            "neuron",
        )
    return chosen.flatten(1).sum(1) if chosen.ndim > 1 else chosen


def fresh_leaf(tensor: Tensor) -> Tensor:
    """`tensor`, able to take a gradient under autograd even where nothing it stems from can."""
    if tensor.requires_grad or is_integer(tensor) or not torch.is_grad_enabled():
        return tensor
    return tensor.detach().requires_grad_()


def _tensors(value: Any, layer: Layer) -> Tensors:
    if isinstance(value, Tensor):
        return (value,)
    if isinstance(value, tuple | list):
        found = tuple(item for item in value if isinstance(item, Tensor))
        if found:
            return found
    raise Unsupported(
        f"The {layer.side} of layer {layer.name!r} is a {type(value).__name__} without tensors."
    )


def _rebuilt(value: Any, tensors: Tensors) -> Any:
    if isinstance(value, Tensor):
        return tensors[0]
    rest = iter(tensors)
    items = [next(rest) if isinstance(item, Tensor) else item for item in value]
    if hasattr(value, "_fields"):
        return type(value)(*items)
    return type(value)(items)


def _single(box: list[Tensor], layer: Layer) -> Tensor:
    if not box:
        raise Unsupported(f"The layer {layer.name!r} did not run in the forward pass.")
    if len(box) > 1:
        raise InvalidInput(
            f"The layer {layer.name!r} gives {len(box)} tensors: choose a layer that gives one.",
            "layer",
        )
    return box[0]
