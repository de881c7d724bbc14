"""Looks at the examples themselves: which are the same, which are nearly so, and which lie apart."""
