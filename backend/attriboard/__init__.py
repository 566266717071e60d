"""AttriBoard: an interactive debugging dashboard for PyTorch models."""

from attriboard.version import __version__

__all__ = ["__version__"]
