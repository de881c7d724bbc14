"""Versions of the cleaned labels: what changed between two, what a release needs, how many are wrong at most."""
