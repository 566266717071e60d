"""The user's model is the same before and after: on success, on error and on cancel."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from attriboard import engine
from engine.cases import Case, attribute, cases, inputs, picture


def _state(model: nn.Module) -> list[Hashable]:
    """Everything about a model that an engine could leave changed."""
    marks: list[Hashable] = []
    for name, module in model.named_modules():
        hooks = (
            module._forward_hooks,
            module._forward_pre_hooks,
            module._backward_hooks,
            module._backward_pre_hooks,
        )
        marks.append((name, id(module), module.training, *(len(h) for h in hooks)))
        marks.append((name, tuple(sorted(module.__dict__))))
    for name, tensor in (*model.named_parameters(), *model.named_buffers()):
        grad = None if tensor.grad is None else tensor.grad.clone().numpy().tobytes()
        place = (tensor.data_ptr(), tensor._version, tensor.requires_grad, tensor.dtype)
        marks.append((name, place, grad, tensor.detach().numpy().tobytes()))
    marks.append(torch.get_rng_state().numpy().tobytes())
    marks.append(torch.is_grad_enabled())
    return marks


@pytest.mark.parametrize("training", [True, False], ids=["training", "eval"])
@pytest.mark.parametrize("case", cases(), ids=str)
def test_success_leaves_no_trace(case: Case, training: bool):
    model, x = picture().train(training), inputs()
    kept = x.clone()
    before = _state(model)
    attribute(model, case, x)
    assert _state(model) == before
    assert torch.equal(x, kept)
    assert x.grad is None
    assert not x.requires_grad


class Failing(nn.Module):
    """Raises in the middle of the `fail_at`-th pass over the model it wraps."""

    def __init__(self, inner: nn.Module, fail_at: int) -> None:
        super().__init__()
        self.inner, self.calls, self.fail_at = inner, [0], fail_at

    def forward(self, x: Tensor) -> Tensor:
        self.calls[0] += 1
        x = self.inner.act(self.inner.norm(self.inner.conv(x)))
        if self.calls[0] == self.fail_at:
            raise ValueError("broken on purpose")
        return self.inner.head(self.inner.pool(x).flatten(1))


def _at_inner(case: Case) -> Case:
    site = dict(case.site)
    if "layer" in site:
        site["layer"] = f"inner.{site['layer']}"
    return Case(case.method, site)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_an_exception_in_the_model_leaves_no_trace(case: Case):
    model, x = Failing(picture(), fail_at=1), inputs()
    before = _state(model)
    with pytest.raises(engine.ModelError, match="broken on purpose") as caught:
        attribute(model, _at_inner(case), x)
    assert isinstance(caught.value.__cause__, ValueError)
    assert _state(model) == before


@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_cancel_leaves_no_trace(case: Case):
    model, x = picture(), inputs(40)
    before = _state(model)
    asked = 0

    def cancel() -> bool:
        nonlocal asked
        asked += 1
        return asked > 1

    with pytest.raises(engine.Cancelled):
        attribute(model, case, x, run=engine.Run(cancel=cancel))
    assert _state(model) == before


class Slow(nn.Module):
    """A model whose 200 passes of Integrated Gradients would take 20 s."""

    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(4, 2)
        self.passes: list[int] = []

    def forward(self, x: Tensor) -> Tensor:
        self.passes.append(len(x))
        time.sleep(0.1 * len(x))
        return self.line(x)

    def __deepcopy__(self, memo: dict[int, Any]) -> Slow:
        twin = Slow()
        memo[id(self)] = twin
        twin.passes = self.passes  # so that the test can count the passes of the engine's tree
        return twin


def test_a_cancel_stops_the_passes_of_a_slow_model():
    model, x = Slow(), torch.randn(1, 4)
    stop = threading.Event()
    threading.Timer(1.0, stop.set).start()
    began = time.perf_counter()
    method = engine.IntegratedGradients(n_steps=200)
    with pytest.raises(engine.Cancelled):
        engine.attribute(model, x, method, 1, run=engine.Run(cancel=stop.is_set))
    assert time.perf_counter() - began < 5
    done = len(model.passes)
    time.sleep(0.5)
    assert len(model.passes) == done
    assert sum(model.passes) < 60
