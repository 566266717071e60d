"""The faster form of a model: made once, used where it gives the same, undone on doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_flatten

from attriboard.engine.prepared.folded import Folded, has_layouts
from attriboard.engine.prepared.halts import Doubt
from attriboard.engine.prepared.watch import Pair, foldable
from attriboard.engine.prepared.writes import Writes

FEW = 8
"""Rows from which a faster form pays: watching, checking and following the weights cost passes."""

HOOKS = ("_forward_pre_hooks", "_forward_hooks")

Sites = tuple[int, ...]
"""Where hooks are: twice a module's number for those before it runs, one more for those after."""

CLOSE = {torch.float32: 1e-4, torch.float64: 1e-10}
"""How far the folded output may lie from the plain one, of its largest number; other types stay."""


@dataclass
class Fast:
    """The folded form of one plain tree, if it has one.

    build: another copy of the user's model, as the engine runs it. fresh: whether the folded
    weights are known to be the user's present ones.
    """

    plain: nn.Module | None = None
    build: Callable[[], nn.Module] | None = None
    folded: Folded | None = None
    tried: bool = False
    fresh: bool = False
    _on: bool = False
    _outputs: list[Any] | None = None
    _modules: list[nn.Module] = field(default_factory=list)
    _twins: list[nn.Module] = field(default_factory=list)
    _hooks: tuple[int, ...] = ()
    _read: Sites = ()
    _apart: dict[Sites, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._modules = [] if self.plain is None else list(self.plain.modules())
        self._hooks = self._hooked()

    @property
    def hopeless(self) -> bool:
        """Whether it was tried, and the model has no faster form."""
        return self.tried and self.folded is None

    def make(self, run: Callable[[], object]) -> None:
        """Fold and lay out what can be, once. `run` makes a pass of a few rows through `call`."""
        if self.tried or self.plain is None or self.build is None or self._hooked() != self._hooks:
            return
        self.tried = True
        norms = _has_both(self._modules)
        if not _plain_floats(self.plain) or not (norms or any(map(has_layouts, self._modules))):
            return
        plain, pairs = self.plain, list[Pair]()
        with Writes(plain) as writes:
            expected = self._heard(lambda: pairs.extend(foldable(plain, run)) if norms else run())
        if writes.any:  # copies of what a pass writes would be out of date in the next
            return
        alone = [Pair(pair.convolution, pair.norm) for pair in pairs]
        for which in (pairs, alone) if alone != pairs else (pairs,):
            if self._agrees(which, run, expected):
                return

    def _agrees(self, pairs: list[Pair], run: Callable[[], object], expected: list[Any]) -> bool:
        """Fold `pairs`, if `run` gives through the folded tree what it gave before."""
        assert self.plain is not None
        assert self.build is not None
        try:
            self.folded, self.fresh = Folded(self.plain, self.build(), pairs), True
            self._twins = list(self.folded.tree.modules())
            with self.used():
                agrees = self.folded.useful and _close(self._heard(run), expected)
        except Exception:  # the plain tree did without
            agrees = False
        if not agrees:
            self._undo()
        return agrees

    def follow(self, refresh: Callable[[nn.Module], None]) -> None:
        """Bring weights and buffers up to date, once for each question."""
        if self.folded is not None and not self.fresh:
            self.folded.refresh()
            refresh(self.folded.tree)
            self.fresh = True

    @contextmanager
    def used(self) -> Iterator[None]:
        """While open, `call` runs the folded form."""
        self._on = True
        try:
            yield
        finally:
            self._on = False

    def call(self, model: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """What `model`, the plain tree, or its folded form gives for `args`.

        Hooks that were put on layers of the plain tree go with the pass. One that meddles between
        a convolution and its norm makes the folded form raise Doubt.
        """
        folded = self.folded if self._on and self.fresh else None
        if folded is None:
            output = model(*args)
        else:
            self._read = self._sites()
            with self._hooked_alike():
                output = folded.run(args, self._apart.get(self._read, ()))
        if self._outputs is not None:
            self._outputs.append(output)
        return output

    def doubt(self, doubt: Doubt) -> None:
        """Take the joint in doubt apart where the layers are read that were; else fold no more."""
        if self._read:
            self._apart.setdefault(self._read, set()).add(doubt.joint)
        else:
            self._undo()

    def _undo(self) -> None:
        self.folded, self.fresh = None, False

    def _heard(self, run: Callable[[], object]) -> list[Any]:
        """What the model itself gave in `run`."""
        self._outputs = []
        try:
            run()
            return self._outputs
        finally:
            self._outputs = None

    def _hooked(self) -> tuple[int, ...]:
        """How many hooks each module of the plain tree has, before and after it runs."""
        return tuple(len(getattr(module, hooks)) for module in self._modules for hooks in HOOKS)

    def _sites(self) -> Sites:
        """Where hooks were put on the plain tree since it was made."""
        now = self._hooked()
        if now == self._hooks:
            return ()
        pairs = zip(now, self._hooks, strict=True)
        return tuple(i for i, (count, before) in enumerate(pairs) if count != before)

    @contextmanager
    def _hooked_alike(self) -> Iterator[None]:
        """While open, the folded form has the hooks that the plain tree has at the sites read."""
        added = []
        for i in self._read:
            own, twin = (getattr(m[i // 2], HOOKS[i % 2]) for m in (self._modules, self._twins))
            fresh = {key: hook for key, hook in own.items() if key not in twin}
            twin.update(fresh)
            added.append((twin, fresh))
        try:
            yield
        finally:
            for twin, fresh in added:
                for key in fresh:
                    del twin[key]


def _has_both(modules: list[nn.Module]) -> bool:
    kinds = (nn.modules.conv._ConvNd, nn.modules.batchnorm._BatchNorm)
    return all(any(isinstance(module, kind) for module in modules) for kind in kinds)


def _plain_floats(tree: nn.Module) -> bool:
    kinds = {t.dtype for t in tree.parameters() if t.is_floating_point()}
    return len(kinds) == 1 and kinds <= CLOSE.keys()


def _close(ours: Any, theirs: Any) -> bool:
    (found, shape), (expected, wanted) = tree_flatten(ours), tree_flatten(theirs)
    if shape != wanted:
        return False
    pairs = [(a, b) for a, b in zip(found, expected, strict=True) if isinstance(b, Tensor)]
    return bool(pairs) and all(_near(a, b) for a, b in pairs)


def _near(a: Tensor, b: Tensor) -> bool:
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if not b.is_floating_point():
        return torch.equal(a, b)
    if not b.numel():
        return True
    a, b = a.detach(), b.detach()
    tolerance = CLOSE.get(b.dtype, 0.0) * float(b.abs().max())
    return bool((a - b).abs().max() <= tolerance)
