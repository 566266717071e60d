"""The demo's test split, its network, and the same network as it was before training."""

from __future__ import annotations

import pytest

from attriboard.demos.vqa.data import EasyVqa, Tensors
from attriboard.demos.vqa.model import VqaNet, trained, untrained


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
    return untrained(0, network.colour)
