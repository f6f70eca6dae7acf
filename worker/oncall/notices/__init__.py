"""What people are told of their shifts: before one begins, and when one is handed over."""
