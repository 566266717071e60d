"""Methods that other packages bring, by the entry point group `attriboard.methods`."""

from __future__ import annotations

from attriboard.engine.methods.base import Method
from attriboard.engine.packages import Offer

_OFFER: Offer[Method] = Offer(
    group="attriboard.methods",
    noun="method",
    kind=Method,  # type: ignore[type-abstract]  # a subclass of it is meant
    path="attriboard.engine.Method",
    known="method",
)
installed = _OFFER.installed
load = _OFFER.load
