"""The demo's test split, its network, and the same network as it was before training."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from attriboard.demos.vqa.data import EasyVqa, Tensors
from attriboard.demos.vqa.model import VqaNet, trained, untrained
from attriboard.demos.vqa.train import SEED


@pytest.fixture(scope="package", autouse=True)
def _one_thread() -> Iterator[None]:
    """For so small a network one thread is faster than several that wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def dataset() -> EasyVqa:
    return EasyVqa("test")


@pytest.fixture(scope="session")
def split(dataset: EasyVqa) -> Tensors:
    return dataset.tensors()


@pytest.fixture(scope="session")
def network() -> VqaNet:
    return trained()


@pytest.fixture(scope="session")
def beginner(network: VqaNet) -> VqaNet:
    """The network that training started from: the same seed, the same mean colour."""
    return untrained(SEED, network.colour)
