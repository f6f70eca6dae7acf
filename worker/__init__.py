"""The machine: everything that moves an event from the front door to a launched incident."""
