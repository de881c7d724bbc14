"""Brings each row to a vector."""
