"""Run a playbook, each effect exactly once."""
