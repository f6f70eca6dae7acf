"""Stand-ins for the queue, the tables, Azure Boards and Microsoft Teams."""
