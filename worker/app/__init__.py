"""Composition: settings become clients, clients a worker or an intake."""
