"""What the engine does to its own copy of a model so that passes cost less."""
