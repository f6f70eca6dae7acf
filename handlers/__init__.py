"""What we do about an incident: one file per step."""
