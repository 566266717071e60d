"""Inputs that other packages bring, by the entry point group `attriboard.inputs`."""

from __future__ import annotations

from attriboard.engine.packages import Offer
from attriboard.inputs.base import Input

_OFFER: Offer[Input] = Offer(
    group="attriboard.inputs",
    noun="input",
    kind=Input,  # type: ignore[type-abstract]  # a subclass of it is meant
    path="attriboard.inputs.Input",
    known="name",
)
installed = _OFFER.installed
load = _OFFER.load
