"""Versions of the cleaned labels: what changed between two, what a release needs, what a change must not do."""
