"""HTTP for whoever serves it."""
