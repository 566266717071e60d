"""Clips of a moving digit beside a bouncing shape: place and time of the digit are known."""
