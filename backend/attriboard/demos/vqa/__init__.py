"""The default demo: a CNN and a GRU answer questions about pictures of one coloured shape."""
