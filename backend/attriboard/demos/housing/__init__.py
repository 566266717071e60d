"""Prices of houses in Boston, 1970: a regression over thirteen columns of numbers."""
