"""What a message does to an incident."""
