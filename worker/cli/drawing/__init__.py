"""How a terminal shows it."""
