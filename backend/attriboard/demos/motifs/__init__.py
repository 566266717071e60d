"""Graphs with a known motif: a tree grown by preferential attachment, and a house or a ring."""
