"""Mosaics of four handwritten digits: the network knows which are there, and shows where."""
