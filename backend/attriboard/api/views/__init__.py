"""The board, the catalog's answers and examples as the JSON that `schemas` describes."""
