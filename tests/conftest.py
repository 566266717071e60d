"""Shared by all tests: how torch uses the cores."""

from __future__ import annotations

import os

import torch


def pytest_configure() -> None:
    # Test processes that share the cores take one thread each; more only wait for one another.
    if "PYTEST_XDIST_WORKER" in os.environ:
        torch.set_num_threads(1)
