"""Shifts as calendars: given out to people's own, and taken once from that of an older tool."""
