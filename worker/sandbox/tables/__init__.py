"""Azurite, which stands in for Table Storage."""
