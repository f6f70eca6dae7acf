"""What clients and services put around a body on its way, and how it is taken off: one file per kind."""
