"""From a monitoring system's payload to events."""
