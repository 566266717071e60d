"""Spoken characters placed in noise, and a detector of speech."""
