"""Formats that a house defines itself: a file says by JMESPath expressions where in a payload each field stands."""
