"""What is kept no longer: found, exported and deleted."""
