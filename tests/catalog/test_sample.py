"""Seeded subsamples: the same everywhere, spread evenly, and unlike from seed to seed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from attriboard.catalog import Catalog, Query
from attriboard.catalog.sample import hashes
from attriboard.engine.errors import InvalidInput


def test_a_seed_draws_these_examples_on_every_machine() -> None:
    catalog = Catalog.open(None, data_fingerprint="", size=10_000)
    assert catalog.indices(Query(sample=5, seed=0)) == DRAWN[0]
    assert catalog.indices(Query(sample=5, seed=1)) == DRAWN[1]
    assert catalog.indices(Query(sample=5, seed=-1)) == DRAWN[-1]


DRAWN = {
    0: [1617, 2738, 4601, 5353, 8859],
    1: [18, 3108, 6968, 8100, 9893],
    -1: [17, 1995, 6042, 9473, 9518],
}


def test_a_larger_sample_holds_the_smaller_one() -> None:
    catalog = Catalog.open(None, data_fingerprint="", size=1000)
    small = set(catalog.indices(Query(sample=20, seed=9)))
    large = set(catalog.indices(Query(sample=200, seed=9, sort="-index")))
    assert len(small) == 20
    assert small < large


def test_no_two_examples_tie() -> None:
    for seed in (0, 1, 12345):
        assert len(np.unique(hashes(np.arange(200_000), seed))) == 200_000


def test_draws_are_even_and_independent() -> None:
    size, n = 100_000, 10_000
    indices = np.arange(size)
    draws = [np.argsort(hashes(indices, seed))[:n] for seed in range(40)]
    for draw in draws:
        share = np.bincount(draw * 10 // size, minlength=10)
        assert np.all(np.abs(share - n / 10) < 5 * np.sqrt(n / 10))
        assert abs(np.mean(draw % 2) - 0.5) < 5 * 0.5 / np.sqrt(n)
    common = [len(np.intersect1d(a, b)) for a, b in itertools.pairwise(draws)]
    assert abs(np.mean(common) - n * n / size) < 5 * np.sqrt(n * n / size / len(common))


@pytest.mark.parametrize("sample", [0, -5])
def test_a_sample_of_nothing_is_refused(sample: int) -> None:
    catalog = Catalog.open(None, data_fingerprint="", size=3)
    with pytest.raises(InvalidInput, match="at least 1") as caught:
        catalog.page(Query(sample=sample))
    assert caught.value.field == "sample"
