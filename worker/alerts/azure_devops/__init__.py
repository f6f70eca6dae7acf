"""What the service hooks of Azure DevOps say of what has ended: one reader for each kind of event."""
