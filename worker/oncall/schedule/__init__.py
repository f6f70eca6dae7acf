"""Who is on call over time: a pure function of definitions and an instant."""
