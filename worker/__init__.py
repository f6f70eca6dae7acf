"""Everything that moves an event from the intake to a launched incident."""
