"""Content addresses: the same work has the same key, whoever asks and whenever."""

from __future__ import annotations

import hashlib
import json
from typing import Any

LENGTH = 32  # hex digits: 128 bits


def canonical(value: Any) -> str:
    """JSON with sorted names and no spaces. Tuples are lists; NaN raises ValueError."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )


def digest(value: Any) -> str:
    """The first 32 hex digits of the SHA-256 of `canonical(value)`."""
    return hashlib.sha256(canonical(value).encode("ascii")).hexdigest()[:LENGTH]


def is_key(text: str) -> bool:
    """Whether `text` can be a key: nothing else is ever joined to a path."""
    return len(text) == LENGTH and all(letter in "0123456789abcdef" for letter in text)
