"""What all stand-ins are served with: HTTP, faults, latency, control, state."""
