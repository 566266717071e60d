"""Models that their owner has wrapped for several devices run as they are."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch.distributed as dist
from torch import Tensor, nn

from tests.jobs.boards import Fusion, Watch, board
from tests.jobs.conftest import SECONDS, Open, arrays, ask, results


class Owned(nn.Module):
    """Calls what it holds, and has a handle that cannot be copied, as a client of a device has."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.handle = socket.socket()

    def forward(self, *rows: Tensor) -> Tensor:
        scores: Tensor = self.inner(*rows)
        return scores


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A group of one process, as `torchrun --nproc-per-node 1` makes it."""
    file = tmp_path_factory.mktemp("group") / "rendezvous"
    dist.init_process_group("gloo", init_method=f"file://{file}", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


@pytest.mark.parametrize("method", ["IntegratedGradients", "Saliency", "KernelShap", "DeepLift"])
@pytest.mark.parametrize("wrap", [nn.DataParallel, nn.parallel.DistributedDataParallel, Owned])
def test_a_wrapped_model_is_attributed_as_it_is(
    open_session: Open, group: None, wrap: Any, method: str
) -> None:
    plain = open_session(board(Fusion(Watch())))
    wrapped_model = wrap(Fusion(Watch()))
    wrapped = open_session(board(wrapped_model))
    job = wrapped.start()
    assert job is None or job.wait(SECONDS)
    assert wrapped.catalog.predicted("model") == len(wrapped.board)
    [one] = results(plain, ask(3, method))
    [other] = results(wrapped, ask(3, method))
    assert one["target"] == other["target"]
    ours, theirs = arrays(plain, one), arrays(wrapped, other)
    for name, values in ours.items():
        assert theirs[name] == pytest.approx(values, abs=1e-5)
        assert np.abs(values).max() > 0
    if isinstance(wrapped_model, Owned):
        wrapped_model.handle.close()
