"""Every exception AttriBoard raises on purpose.

AttriboardError
├── InvalidInput (also a ValueError)   what the caller gave is wrong; `field` names the argument
├── ModelError                         the user's model raised; the cause is chained
├── Unsupported                        this method cannot run on this model or site, and why
└── Cancelled                          the caller asked the computation to stop
"""

from __future__ import annotations


class AttriboardError(Exception):
    """Base of all errors AttriBoard raises on purpose. The message is a sentence for the user."""


class InvalidInput(AttriboardError, ValueError):
    """What the caller gave is wrong. The message names the cause and the mend.

    `field` is the dotted name of the argument at fault, or None where there is no single one.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class ModelError(AttriboardError):
    """The user's model raised while it ran. The original exception is chained as the cause."""


class Unsupported(AttriboardError):
    """A method cannot give a meaningful answer for this model or site. The message says why."""


class Cancelled(AttriboardError):
    """The computation was stopped between two blocks because its caller asked for it."""
