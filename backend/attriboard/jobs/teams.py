"""The helper threads that OpenMP keeps for each thread that has computed.

Torch computes with a team: the calling thread and its helpers, which wait awake for the next piece
of work, since to be woken takes longer than most pieces. GNU's OpenMP lets them do so only while
the process has no more of them than cores, and a thread keeps its team for as long as it lives. So
two threads that merely take turns make each other's passes up to 2.7 times as slow. Where a thread
computes no more for now, it disbands its team.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

_MAPS = Path("/proc/self/maps")
_STAT = Path("/proc/self/stat")
_FORKED = 0x40  # Linux's PF_FORKNOEXEC
_SOFT = 1  # omp_pause_soft: what was set, such as the number of threads, stays


def disband() -> None:
    """Ends the helpers of the calling thread, which gets new ones when it computes again.

    That takes a tenth of a millisecond. Does nothing with another OpenMP than GNU's, whose helpers
    do not mind each other, and within a parallel region.
    """
    for library in _libraries():
        library.omp_pause_resource_all(_SOFT)


@lru_cache(maxsize=1)
def _libraries() -> list[ctypes.CDLL]:
    """Each of GNU's OpenMP libraries that is loaded and can end a team, which came with GCC 9.

    None in a fork, which has its parent's notes about helpers and no helpers: to wait for their end
    would take forever.
    """
    try:
        lines = _MAPS.read_text().splitlines()
        flags = int(_STAT.read_text().rpartition(")")[2].split()[6])
    except (OSError, LookupError, ValueError):  # only Linux has both
        return []
    paths = {line.split(maxsplit=5)[5] for line in lines if "/libgomp" in line}
    loaded = []
    for path in sorted(paths if not flags & _FORKED else ()):
        with suppress(OSError):  # its file was deleted meanwhile, or it is none
            loaded.append(ctypes.CDLL(path))
    return [library for library in loaded if hasattr(library, "omp_pause_resource_all")]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_libraries.cache_clear)
