"""What is known of an incident, for whoever shows it."""
