"""What stands in the way of a launch, found before the night does."""
