"""Definitions as rows of a table that people can read and mend: read, written, and kept for when it does not answer."""
