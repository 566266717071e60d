"""How much a session may take: time, disk, and what may wait."""

from __future__ import annotations

from dataclasses import dataclass, field

from attriboard.jobs.admission import Admission


@dataclass(frozen=True)
class Limits:
    """The limits of one session.

    seconds: of computing after which an interactive job is ended; None never ends one.
    store_bytes: that results may take on disk, beyond which those not used for longest go; None
    keeps all. admission: how much work may wait, and how much memory is left alone. memory:
    bytes that the rows of one pass may take; None is a share of what is free.
    """

    seconds: float | None = None
    store_bytes: int | None = None
    memory: int | None = None
    admission: Admission = field(default_factory=Admission)
