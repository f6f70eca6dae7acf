"""Messages into Teams, as a bot or as a signed-in user."""
