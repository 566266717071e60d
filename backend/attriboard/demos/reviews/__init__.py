"""Sentences that people scored, read by a network of word convolutions."""
