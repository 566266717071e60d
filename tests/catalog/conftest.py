"""A catalog file of random examples, shared by the tests that only read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from attriboard.catalog import Catalog
from tests.catalog.worlds import World


@dataclass(frozen=True)
class Filled:
    catalog: Catalog
    world: World


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """A catalog in a file, and the same examples as plain values."""
    world = World.drawn(seed=0, size=150)
    catalog = world.stored(tmp_path_factory.mktemp("store") / "catalog.duckdb")
    yield Filled(catalog, world)
    catalog.close()
