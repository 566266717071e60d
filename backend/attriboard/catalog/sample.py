"""Seeded subsamples: the examples whose seeded hash is lowest.

The hash is 32-bit integer arithmetic of our own, so a seed draws the same examples on every
machine and version. It is a bijection of the index for each seed: no two examples tie. Half of
it does not depend on the seed and is stored with each example.
"""

from __future__ import annotations

import duckdb

from attriboard.catalog.query import Query
from attriboard.catalog.sql import Sql
from attriboard.engine.errors import InvalidInput

_MASK = 0xFFFFFFFF
_FIRST, _SECOND, _THIRD = 0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35


def index_hash(index: str) -> str:
    """SQL of the stored half of the hash. `index` is an SQL expression, such as a column."""
    once = f"(({index}::UBIGINT * {_FIRST}) & {_MASK})"
    twice = f"((xor({once}, {once} >> 15) * {_SECOND}) & {_MASK})"
    return f"xor({twice}, {twice} >> 13)::UINTEGER"


def seeded_hash(seed: int) -> Sql:
    """SQL of an example's place in the draw of `seed`, which may be any integer."""
    xored, factor = _keys(seed)
    mixed = f"((xor(hash::UBIGINT, {xored}) * {factor}) & {_MASK})"
    return Sql(f"((xor({mixed}, {mixed} >> 16) * {_THIRD}) & {_MASK})")


def hash_of(index: int, seed: int) -> int:
    """The number that `seeded_hash` gives the example `index`."""
    x = (index * _FIRST) & _MASK
    x = ((x ^ (x >> 15)) * _SECOND) & _MASK
    x ^= x >> 13
    xored, factor = _keys(seed)
    x = ((x ^ xored) * factor) & _MASK
    return ((x ^ (x >> 16)) * _THIRD) & _MASK


def _keys(seed: int) -> tuple[int, int]:
    """Two 32-bit keys of the seed, the second odd (splitmix64, Steele and others 2014)."""
    z = (seed + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    z ^= z >> 31
    return z & _MASK, (z >> 32) | 1


def within(connection: duckdb.DuckDBPyConnection, query: Query, matching: Sql) -> Sql | None:
    """The condition that keeps `query.sample` of the examples `matching`; None for all of them.

    It is a bound on the hash. Under other filters the same bound keeps the same share, so that
    the facets of a subsample count what choosing them would show.
    """
    if query.sample is None:
        return None
    if not 1 <= query.sample <= _MASK:
        raise InvalidInput("sample is how many examples to keep: at least 1.", "sample")
    place = seeded_hash(query.seed)
    row = connection.execute(
        f"SELECT {place.text} AS place FROM examples WHERE {matching.text} "
        "ORDER BY place LIMIT 1 OFFSET ?",
        [*matching.values, query.sample - 1],
    ).fetchone()
    return Sql(f"({place.text} <= ?)", (row[0],)) if row else None
