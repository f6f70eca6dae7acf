"""Azure Boards."""
