"""Shared by all tests: how torch uses the cores, and which files go first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

# Files of a few long tests, the longest first: begun last, they would keep one process busy after
# the others have ended. Most of their time they wait for other processes.
LONG = (
    "jobs/test_ray.py",
    "packaging/test_wheel.py",
    "jobs/test_executors.py",
    "endurance/test_faults.py",
    "cli/test_reload.py",
    "engine/test_oracle_matrix.py",
    "jobs/test_isolated.py",
    "endurance/test_crash.py",
    "jobs/test_export_killed.py",
    "inputs/test_extension.py",
    "engine/test_extension.py",
    "demos/test_vqa_ground_truth.py",
    "demos/test_clips.py",
    "endurance/test_load.py",
    "browser/test_demos.py",
    "browser/test_places.py",
    "browser/test_picking.py",
    "browser/test_new_user.py",
    "browser/test_soak.py",
    "browser/test_series.py",
)


def pytest_configure() -> None:
    # Test processes that share the cores take one thread each; more only wait for one another.
    if "PYTEST_XDIST_WORKER" in os.environ:
        torch.set_num_threads(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; the order of all others stays as it is."""
    here = Path(__file__).parent
    place = {here / name: rank for rank, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path, len(LONG)))
