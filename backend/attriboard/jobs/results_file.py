"""The bytes of one stored result: safetensors with its meta and a checksum in the header.

The checksum is the SHA-256 of the whole file with the checksum's own 64 digits read as zeros, so
a flipped bit anywhere is found: in the numbers, in the meta or in the header.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from safetensors.numpy import save

_BLANK = b"0" * 64
_MARK = b'"sha256":"'  # cannot occur inside a JSON string, where quotes are escaped


class CorruptError(Exception):
    """The bytes are not what was written."""


def encode(arrays: Mapping[str, np.ndarray[Any, Any]], meta: Mapping[str, Any]) -> bytes:
    """The file for `arrays` (by input name) and `meta` (JSON, kept under `__metadata__.meta`)."""
    header = {"meta": json.dumps(meta, allow_nan=False), "sha256": _BLANK.decode()}
    body = save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, header)
    start = body.index(_MARK) + len(_MARK)
    checksum = hashlib.sha256(body).hexdigest().encode()
    return body[:start] + checksum + body[start + 64 :]


def verified_meta(body: bytes) -> dict[str, Any]:
    """The meta in `body`. Raises CorruptError where the checksum does not match."""
    try:
        header = json.loads(body[8 : 8 + int.from_bytes(body[:8], "little")])["__metadata__"]
        start = body.index(_MARK) + len(_MARK)
        meta: dict[str, Any] = json.loads(header["meta"])
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        raise CorruptError("The header cannot be read.") from error
    blank = hashlib.sha256(memoryview(body)[:start])
    blank.update(_BLANK)
    blank.update(memoryview(body)[start + 64 :])
    if blank.hexdigest() != header.get("sha256"):
        raise CorruptError("The checksum does not match.")
    return meta
