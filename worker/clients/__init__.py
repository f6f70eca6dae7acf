"""The remote systems: one file for each API, and what its answers mean."""
