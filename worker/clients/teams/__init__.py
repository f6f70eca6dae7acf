"""Microsoft Teams, through Graph."""
