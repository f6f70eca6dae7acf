"""What one person does to a schedule: what it changes is known before it is done, and can be undone."""
