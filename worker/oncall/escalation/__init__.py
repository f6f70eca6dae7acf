"""Whom an incident tells, in which order and when, until somebody has it: a pure function of what happened."""
