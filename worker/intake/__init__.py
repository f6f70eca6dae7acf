"""The front door: requests become events, and events messages of the queue."""
