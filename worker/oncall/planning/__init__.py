"""What stored definitions become when a file is imported, and whose shifts that moves: known before it is done."""
