"""Changed backward passes, keyed by an operation's name wherever in the model it is called."""
