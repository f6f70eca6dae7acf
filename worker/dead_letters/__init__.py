"""What could not be launched: browsed, replayed, discarded."""
