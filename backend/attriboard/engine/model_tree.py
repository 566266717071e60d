"""The engine's own tree of the user's modules, so that the user's model is never changed.

Hooks, modes and gradients are state of a module; two threads that share a tree disturb each
other. So each thread works on a tree of its own, whose parameters share memory with the user's.
"""

from __future__ import annotations

import copy
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from attriboard.engine.errors import InvalidInput
from attriboard.engine.functions import TorchFunction
from attriboard.engine.planner import Planner
from attriboard.engine.prepared.fast import Fast
from attriboard.engine.prepared.fused import fuse_layers
from attriboard.engine.prepared.plain_path import PlainPath
from attriboard.engine.tensors import tracked

Model = Callable[..., Any]

_SIMPLE = frozenset({int, float, str, bool, type(None), tuple})
_UNINITIALIZED = frozenset({nn.UninitializedParameter, nn.UninitializedBuffer})
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


@dataclass
class Learned:
    """What passes over one model have taught, kept from run to run."""

    planners: dict[Hashable, Planner] = field(default_factory=dict)
    notes: dict[Hashable, Any] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)


@dataclass(frozen=True)
class Prepared:
    """A model as the engine runs it. `shared` means other threads run the very same object."""

    model: Model
    source: weakref.ref[Any]
    learned: Learned
    shared: bool = False
    signature: tuple[Hashable, ...] = ()
    fast: Fast = field(default_factory=Fast)
    buffers: tuple[list[Tensor], list[Tensor]] = ([], [])

    def call(self, *args: Any) -> Any:
        """One pass: through the faster form where `fast` is in use, else through the model."""
        return self.fast.call(self.model, args)

    @property
    def differentiable(self) -> bool:
        """Whether gradients may be asked for: a black box is any callable but a module."""
        return self.module is not None

    @property
    def module(self) -> nn.Module | None:
        """The model as a module; None for a black box, which is any other callable."""
        return self.model if isinstance(self.model, nn.Module) else None

    @contextmanager
    def running(self) -> Iterator[None]:
        """The state around every pass: the lock of a shared model, and one path for all passes."""
        if self._as_it_comes:
            yield
            return
        with ExitStack() as stack:
            stack.enter_context(self.learned.lock if self.shared else nullcontext())
            stack.enter_context(tracked())
            if self._wants_plain_path:
                stack.enter_context(self._plain_path())
            if torch.cuda.is_available() and self._holds(nn.RNNBase):
                # cuDNN has no backward pass in eval mode
                stack.enter_context(torch.backends.cudnn.flags(enabled=False))
            yield

    def planner(self, key: Hashable) -> Planner:
        """The planner for one kind of pass, made when first asked for."""
        return self.learned.planners.setdefault(key, Planner())

    def layer(self, layer: nn.Module | str) -> nn.Module:
        """The engine's own copy of the user's `layer`, given as a module or its dotted name."""
        if self.module is None:
            raise InvalidInput("A black box has no layers: leave out `layer`.", "layer")
        name = layer if isinstance(layer, str) else self._name(layer)
        found = self._layers.get(name, self._layers.get(_bare(name)))
        if found is None:
            known = [n for n in self._layers if n]
            raise InvalidInput(f"The model has no layer {name!r}. It has: {_list(known)}.", "layer")
        return found

    def name_of(self, module: nn.Module) -> str:
        """The dotted name of a module of the engine's own tree."""
        return next(name for name, found in self._layers.items() if found is module)

    @cached_property
    def _layers(self) -> dict[str, nn.Module]:
        """The modules of the engine's own tree, whose shape never changes, by all their names."""
        assert self.module is not None
        return dict(self.module.named_modules(remove_duplicate=False))

    @property
    def _as_it_comes(self) -> bool:
        """Whether a pass needs nothing around it, as that of a small model mostly does not."""
        followed = self.shared or torch.is_inference_mode_enabled() or self._wants_plain_path
        return not (followed or torch.cuda.is_available())

    @property
    def _wants_plain_path(self) -> bool:
        """Whether there is attention, or were scattered rows; the first pass looks for these."""
        attention = self._holds(nn.TransformerEncoderLayer, nn.MultiheadAttention)
        return attention or self.learned.notes.get("scattered", self._holds(nn.Linear))

    @contextmanager
    def _plain_path(self) -> Iterator[None]:
        with PlainPath() as path:
            yield
        self.learned.notes["scattered"] = path.scattered or self.learned.notes.get(
            "scattered", False
        )

    @cached_property
    def convolution_bytes(self) -> int:
        """What the weights of all convolutions take."""
        if self.module is None:
            return 0
        convolutions = (m for m in self.module.modules() if isinstance(m, nn.modules.conv._ConvNd))
        return sum(p.nbytes for m in convolutions for p in m.parameters(recurse=False))

    def _holds(self, *kinds: type[nn.Module]) -> bool:
        """Whether the tree has a module of one of `kinds`; asked in every block, so remembered."""
        notes = self.learned.notes
        if kinds not in notes:
            modules = self.module.modules() if self.module is not None else ()
            notes[kinds] = any(isinstance(module, kinds) for module in modules)
        return bool(notes[kinds])

    def _name(self, layer: nn.Module) -> str:
        source = self.source()
        for name, module in source.named_modules(remove_duplicate=False) if source else ():
            if module is layer:
                return str(name)
        raise InvalidInput(
            f"The layer given ({type(layer).__name__}) is not part of the model: "
            "give one of its own modules, or its dotted name.",
            "layer",
        )


def prepare(model: Model) -> Prepared:
    """`model` as this thread may run it: its own tree, kept and rebuilt when the model changes."""
    source = unwrapped(model)
    if not callable(source):
        raise InvalidInput(
            f"The model is a {type(source).__name__}, which cannot be called: "
            "give an nn.Module or a function.",
            "model",
        )
    as_it_is = isinstance(source, torch.jit.ScriptModule | TorchFunction)
    if not isinstance(source, nn.Module) or as_it_is:
        return _kept_as_is(source)
    signature = _signature(source)
    trees = _trees()
    prepared: Prepared | None = trees.get(source)
    if prepared is None or prepared.signature != signature:
        prepared = trees[source] = _planted(source, signature)
    _copy(*prepared.buffers)
    prepared.fast.fresh = False
    return prepared


def _planted(source: nn.Module, signature: tuple[Hashable, ...]) -> Prepared:
    tree, where = _fused(source), weakref.ref(source)

    def another() -> nn.Module:
        model = where()
        assert model is not None
        return _fused(model)

    return Prepared(
        tree,
        where,
        Learned(),
        signature=signature,
        fast=Fast(tree, another),
        buffers=(list(source.buffers()), list(tree.buffers())),
    )


def _fused(model: nn.Module) -> nn.Module:
    with tracked():
        tree = own_tree(model)
    fuse_layers(tree)
    return tree


def unwrapped(model: Model) -> Model:
    """The module inside `torch.compile`, DataParallel and DistributedDataParallel."""
    while True:
        if isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
            model = model.module
        elif isinstance(getattr(model, "_orig_mod", None), nn.Module):
            model = model._orig_mod  # type: ignore[attr-defined]
        else:
            return model


def own_tree(model: nn.Module) -> nn.Module:
    """A copy of `model` in eval mode: parameters share memory and want no gradient."""
    shared: dict[int, Any] = {}
    for parameter in model.parameters():
        if isinstance(parameter, nn.UninitializedParameter):
            raise InvalidInput(
                "The model has lazy modules that were never run: call it once on a batch first.",
                "model",
            )
        shared[id(parameter)] = nn.Parameter(parameter.detach(), requires_grad=False)
    try:
        tree = copy.deepcopy(model, dict(shared))
    except Exception:  # locks, open files, kept activations: whatever cannot be copied is shared
        tree = _copy_modules(model, shared, {})
    for module in tree.modules():
        module.training = False
    return tree


def _copy_modules(
    module: nn.Module, shared: dict[int, Any], made: dict[int, nn.Module]
) -> nn.Module:
    if id(module) in made:
        return made[id(module)]
    twin = made[id(module)] = type(module).__new__(type(module))
    twin.__dict__ = dict(module.__dict__)
    twin._parameters = {k: shared.get(id(p), p) for k, p in module._parameters.items()}
    twin._buffers = {k: b if b is None else b.clone() for k, b in module._buffers.items()}
    twin._modules = {
        k: child if child is None else _copy_modules(child, shared, made)
        for k, child in module._modules.items()
    }
    for hooks in _HOOKS:
        setattr(twin, hooks, OrderedDict(getattr(module, hooks)))
    return twin


def refresh_buffers(prepared: Prepared, tree: nn.Module) -> None:
    """Bring the buffers of `tree`, another copy of the user's model, up to date."""
    _copy(prepared.buffers[0], list(tree.buffers()))


def _copy(theirs: list[Tensor], ours: list[Tensor]) -> None:
    """Training moves buffers without a trace in their pointers, so all are copied each time."""
    if theirs:
        with torch.no_grad():
            torch._foreach_copy_(ours, [tensor.detach() for tensor in theirs])


def _signature(model: nn.Module) -> tuple[Hashable, ...]:
    """What makes a tree stale: another module, another tensor, another setting."""
    marks: list[Hashable] = []
    seen: set[int] = set()
    todo = [model]
    while todo:
        module = todo.pop()
        marks.append(id(module))
        if id(module) in seen:
            continue
        seen.add(id(module))
        own = module.__dict__
        marks += [
            (key, repr(value)) if type(value) is tuple else (key, value)
            for key, value in own.items()
            if type(value) in _SIMPLE and key != "training"
        ]
        marks += [len(own.get(hooks, ())) for hooks in _HOOKS]
        for tensors in (own.get("_parameters"), own.get("_buffers")):
            if tensors:
                marks += [(name, _mark(tensor)) for name, tensor in tensors.items()]
        children = module._modules  # compiled modules keep none of this in their own dictionary
        marks.append(tuple(name for name, _ in children.items()))
        todo += [child for child in children.values() if child is not None]
    return tuple(marks)


def _mark(tensor: Tensor | None) -> Hashable:
    if tensor is None:
        return None
    if type(tensor) in _UNINITIALIZED:  # `isinstance` would take longer than all the rest
        return id(tensor)
    return (id(tensor), tensor.data_ptr(), tensor.shape, tensor.dtype)


def _kept_as_is(source: Model) -> Prepared:
    with _KEPT_LOCK:
        try:
            learned = _KEPT.setdefault(source, Learned())
            return Prepared(source, weakref.ref(source), learned, shared=True)
        except TypeError:  # what takes no weak reference is met anew each time
            return Prepared(source, lambda: source, Learned(), shared=True)  # type: ignore[arg-type]


def _trees() -> weakref.WeakKeyDictionary[nn.Module, Prepared]:
    if not hasattr(_LOCAL, "trees"):
        _LOCAL.trees = weakref.WeakKeyDictionary()
    trees: weakref.WeakKeyDictionary[nn.Module, Prepared] = _LOCAL.trees
    return trees


def _bare(name: str) -> str:
    return name.removeprefix("_orig_mod.").removeprefix("module.")


def _list(names: list[str]) -> str:
    shown = ", ".join(names[:12])
    return f"{shown} and {len(names) - 12} more" if len(names) > 12 else shown or "none"


_LOCAL = threading.local()
_KEPT: weakref.WeakKeyDictionary[Any, Learned] = weakref.WeakKeyDictionary()
_KEPT_LOCK = threading.Lock()
