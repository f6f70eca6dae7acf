"""What an alert of Azure Monitor says: each kind that the common alert schema carries, in a module of its own."""
