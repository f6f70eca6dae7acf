"""Playbooks: a folder for each, a file for each step."""
