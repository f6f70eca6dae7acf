"""Which incident an alert belongs to."""
