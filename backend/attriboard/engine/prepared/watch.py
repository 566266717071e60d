"""Which norms may be folded into which convolutions, decided by watching one real pass.

Names and neighbourhood say little: a norm may read another tensor than the layer before it made.
So a pass is watched, and a pair counts where the norm reads the very tensor the convolution made,
nothing else reads that tensor, and the weights of both are used once. A ReLU belongs to it where
it alone reads what the norm made, and padding where the convolution alone reads what is padded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from attriboard.engine.prepared.joined import Clamp, clamp_of, even_padding

CONVOLUTIONS = (torch.conv1d, torch.conv2d, torch.conv3d)
_CLAMPS = (F.relu, F.hardtanh)
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")

_QUESTIONS = frozenset({"dim", "size", "numel", "is_floating_point", "__len__"})
_PROPERTIES = frozenset({"shape", "ndim", "dtype", "device", "is_cuda", "requires_grad", "layout"})
"""What may be asked of a tensor without reading its numbers."""


@dataclass(frozen=True)
class Pair:
    """A convolution and the norm that reads it, by their dotted names.

    clamp: what comes after both. padded: whether zeros are put around the convolution's rows.
    """

    convolution: str
    norm: str
    clamp: Clamp | None = None
    padded: bool = False


def foldable(tree: nn.Module, run: Callable[[], object]) -> list[Pair]:
    """The pairs of `tree` that may become one convolution each. `run` makes one pass."""
    with _Watch() as watch, watch.clamping(tree):
        run()
    modules = dict(tree.named_modules())
    pairs = []
    for made in watch.made.values():
        if not made.alone(watch.uses):
            continue
        convolution = _home(modules, nn.modules.conv._ConvNd, made.weights, ("weight", "bias"))
        names = ("running_mean", "running_var", "weight", "bias")
        norm = _home(modules, _BatchNorm, made.norm, names)
        if convolution and norm and type(modules[norm]).forward is _BatchNorm.forward:
            pairs.append(Pair(convolution, norm, made.clamp(), made.padded()))
    return pairs


@dataclass
class _Made:
    """What a convolution made, and who read it. Kept alive, so that its id stays its own."""

    tensor: Tensor
    version: int
    weights: tuple[Tensor, Tensor | None]
    norm: tuple[Tensor | None, ...] = ()
    readers: int = 0
    normed: _Normed | None = None
    rows: _Padded | None = None

    def padded(self) -> bool:
        """Whether zeros were put around the convolution's rows, for it alone."""
        return self.rows is not None and self.rows.readers == 1

    def clamp(self) -> Clamp | None:
        """The clamp after the norm, if nothing else reads or changes what the norm made."""
        return self.normed.clamp if self.normed is not None and self.normed.alone() else None

    def alone(self, uses: Counter[int]) -> bool:
        """Whether one norm is the only reader, and all weights are used in this pair alone."""
        weights = (tensor for tensor in (*self.weights, *self.norm) if tensor is not None)
        return bool(self.norm) and self.readers == 1 and all(uses[id(w)] == 1 for w in weights)


@dataclass
class _Padded:
    """Rows with zeros around them, and who read them or asked for their shape."""

    tensor: Tensor
    readers: int = 0


@dataclass
class _Normed:
    """What a norm made of a convolution's output, and the clamp that read it first."""

    tensor: Tensor
    readers: int = 0
    clamp: Clamp | None = None
    clamped: Tensor | None = None
    version: int = 0

    def read(self) -> None:
        """Count a reader; what stands there after a clamp in place is no longer the norm's."""
        self.readers += self.clamped is not self.tensor

    def alone(self) -> bool:
        """Whether a clamp is the only reader, whose result nobody changed."""
        if self.clamped is None or self.readers != 1:
            return False
        return self.clamped._version == self.version


class _Watch(TorchFunctionMode):
    """Follows what convolutions make through one pass."""

    def __init__(self) -> None:
        super().__init__()
        self.made: dict[int, _Made] = {}
        self.normed: dict[int, _Normed] = {}
        self.padded: dict[int, _Padded] = {}
        self.uses: Counter[int] = Counter()
        self._clamp: Clamp | None = None

    @contextmanager
    def clamping(self, tree: nn.Module) -> Iterator[None]:
        """While open, it is known which of the clamps of `tree` makes a call."""

        def begin(module: nn.Module, args: Any) -> None:
            self._clamp = clamp_of(module)

        def end(module: nn.Module, args: Any, result: Any) -> None:
            self._clamp = None

        with ExitStack() as stack:
            for module in tree.modules():
                if clamp_of(module) is not None and not any(getattr(module, h) for h in _HOOKS):
                    stack.callback(module.register_forward_pre_hook(begin).remove)
                    stack.callback(module.register_forward_hook(end).remove)
            yield

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        for tensor in _tensors((args, kwargs)):
            if id(tensor) in self.padded:
                self.padded[id(tensor)].readers += 1
        if not _asks(func):
            for tensor in _tensors((args, kwargs)):
                self.uses[id(tensor)] += 1
                if id(tensor) in self.made:
                    self.made[id(tensor)].readers += 1
                if id(tensor) in self.normed:
                    self.normed[id(tensor)].read()
            if func is F.batch_norm:
                self._read(*args, **kwargs)
        result = func(*args, **kwargs)
        if func in CONVOLUTIONS:
            weights = _weights(*args, **kwargs)
            rows = self.padded.get(id(_first(*args, **kwargs)))
            self.made[id(result)] = _Made(result, result._version, weights, rows=rows)
        if func is F.pad and even_padding(*args, **kwargs):
            self.padded[id(result)] = _Padded(result)
        if func is F.batch_norm and (made := self.made.get(id(_first(*args, **kwargs)))):
            made.normed = self.normed[id(result)] = _Normed(result)
        if func in _CLAMPS and self._clamp is not None:
            self._clamped(_first(*args, **kwargs), result)
        return result

    def _clamped(self, input: Tensor, result: Tensor) -> None:
        normed = self.normed.get(id(input))
        if normed is not None and normed.readers == 1:
            normed.clamp, normed.clamped, normed.version = self._clamp, result, result._version

    def _read(
        self,
        input: Tensor,
        running_mean: Tensor | None,
        running_var: Tensor | None,
        weight: Tensor | None = None,
        bias: Tensor | None = None,
        training: bool = False,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> None:
        made = self.made.get(id(input))
        if made is not None and not training and made.version == input._version:
            made.norm = (running_mean, running_var, weight, bias)


def _weights(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, *rest: Any, **more: Any
) -> tuple[Tensor, Tensor | None]:
    return weight, bias


def _first(input: Tensor, *rest: Any, **more: Any) -> Tensor:
    return input


def _asks(func: Any) -> bool:
    """Whether a call reads no number of its tensors."""
    name = getattr(func, "__name__", "")
    if name == "__get__":
        return getattr(getattr(func, "__self__", None), "__name__", "") in _PROPERTIES
    return name in _QUESTIONS


def _tensors(tree: Any) -> Iterator[Tensor]:
    return (leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor))


def _home(
    modules: dict[str, nn.Module],
    kind: type[nn.Module],
    tensors: tuple[Tensor | None, ...],
    names: tuple[str, ...],
) -> str | None:
    """The module of `kind` whose own tensors these are, without hooks; None where none is."""
    for name, module in modules.items():
        if not isinstance(module, kind) or any(getattr(module, hooks) for hooks in _HOOKS):
            continue
        own = {**module._parameters, **module._buffers}
        if all(own.get(n) is t for n, t in zip(names, tensors, strict=True)):
            return name
    return None
