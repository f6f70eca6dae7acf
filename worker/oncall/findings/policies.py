"""Policies that can end in nobody."""
