"""The response to an incident as values: what people do, how it stands, and the log that both come from."""
