"""The intake: requests become events, and events messages of the queue."""
