"""Messages that could not be handled: browsed, replayed, discarded."""
