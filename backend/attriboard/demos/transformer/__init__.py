"""The scored sentences once more, read by a small transformer encoder."""
