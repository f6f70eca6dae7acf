"""The sandbox's processes."""
