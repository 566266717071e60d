"""Large draws of noise are made side by side, and are the same wherever they are made."""

from __future__ import annotations

import os
import signal
import sys

import pytest
import torch
from torch import nn

from attriboard import engine
from attriboard.engine import noise as noises

METHOD = engine.SmoothGrad(n_samples=6)
SHAPE = (1, 3, 256, 256)
NUMBERS = 3 * 256 * 256


def _asked() -> torch.Tensor:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 2, 5, 4), nn.Tanh(), nn.Flatten(), nn.Linear(2 * 63 * 63, 2))
    x = torch.randn(SHAPE, generator=torch.Generator().manual_seed(0))
    found: torch.Tensor = engine.attribute(model, x, METHOD, 1).attributions[0]
    return found


def test_side_by_side_gives_what_one_after_another_does(monkeypatch: pytest.MonkeyPatch):
    assert METHOD.n_samples * NUMBERS >= noises.MANY
    together = _asked()
    monkeypatch.setattr(noises, "MANY", 1 << 40)
    assert torch.equal(together, _asked())
    assert together.abs().max() > 0


def test_metrics_work_where_the_caller_infers():
    x, model = torch.randn(SHAPE), nn.Sequential(nn.Flatten(), nn.Linear(NUMBERS, 2))
    plain = engine.metrics.infidelity(model, x, torch.ones(SHAPE), 1, n_samples=6)
    with torch.inference_mode():
        found = engine.metrics.infidelity(model, x, torch.ones(SHAPE), 1, n_samples=6)
    assert torch.allclose(found, plain)


@pytest.mark.skipif(sys.platform != "linux", reason="needs fork")
def test_a_forked_process_draws_too():
    """Threads do not live on in a fork: what waits for them would wait for ever."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # torch's own threads do not live on either
    try:
        _draws()
        child = os.fork()
        if child == 0:
            signal.alarm(20)  # dies where nothing comes
            _draws()
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        torch.set_num_threads(threads)


def _draws() -> None:
    probe = engine.metrics.questions.scores_around(nn.Flatten(), torch.zeros(SHAPE), 1)
    drawn = noises.around(probe, 1.0).rows(torch.arange(METHOD.n_samples))[0]
    assert drawn.std() > 0.9
