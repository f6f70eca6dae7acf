"""Logs, traces, metrics and the event loop's heartbeat."""
