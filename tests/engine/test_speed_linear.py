"""Linear layers are multiplied as in the user's own model, whose weights want a gradient."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from attriboard import engine
from attriboard.engine.model_tree import prepare
from attriboard.engine.prepared.plain_path import PlainPath
from tests.engine.oracle_models import Encoder

METHODS = (
    engine.IntegratedGradients(n_steps=5),
    engine.SmoothGrad(n_samples=5),
    engine.FeatureAblation(),
)


class Kinds(TorchDispatchMode):
    """Which operations ran."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen.add(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


class Mixer(nn.Module):
    """Mixes tokens, then channels: the first of its linear layers reads transposed rows."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.tokens, self.channels, self.head = nn.Linear(6, 6), nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.tokens(x.transpose(1, 2)).relu().transpose(1, 2)
        return self.head((x + self.channels(x).relu()).mean(1))


class Steps(nn.Module):
    """Linear layers over rows that lie as they should."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.head = nn.Linear(8, 8), nn.Linear(48, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.first(x).relu().flatten(1))


def _rows() -> Tensor:
    return torch.randn(2, 6, 8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("kind", [Mixer, Encoder])
def test_no_row_is_multiplied_step_by_step(kind: type[nn.Module], method: engine.Method):
    model = kind().eval()
    engine.attribute(model, _rows(), method, 1)  # the first pass looks for scattered rows
    with Kinds() as bare:
        x = _rows().requires_grad_()
        torch.autograd.grad(model(x)[:, 1].sum(), x)
    with Kinds() as ours:
        engine.attribute(model, _rows(), method, 1)
    assert "bmm" not in bare.seen
    assert "bmm" not in ours.seen
    assert all(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.parametrize("kind", [Mixer, Encoder])
def test_the_gradient_is_the_models_own(kind: type[nn.Module]):
    model, x = kind().eval(), _rows().requires_grad_()
    (expected,) = torch.autograd.grad(model(x)[:, 1].sum(), x)
    for _ in range(2):
        found = engine.attribute(model, _rows(), engine.Saliency(abs=False), 1).attributions[0]
        assert torch.allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(("kind", "wanted"), [(Mixer, True), (Steps, False)])
def test_only_models_with_such_rows_are_watched_from_then_on(
    kind: type[nn.Module], wanted: bool, monkeypatch: pytest.MonkeyPatch
):
    model, entered = kind(), list[int]()
    engine.attribute(model, _rows(), engine.Saliency(), 1)
    enter = PlainPath.__enter__
    monkeypatch.setattr(PlainPath, "__enter__", lambda self: (entered.append(1), enter(self))[1])
    engine.attribute(model, _rows(), engine.Saliency(), 1)
    assert bool(entered) == wanted
    assert prepare(model).learned.notes["scattered"] == wanted
