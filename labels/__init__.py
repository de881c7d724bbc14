"""Versions of the cleaned labels: load one, what changed between two, what a release needs, how many are wrong at most.

``from labels import load`` takes pandas and DVC alone; `labels.loading` says how it gets along with no others.
"""

from labels.loading import LoadError, load

__all__ = ["LoadError", "load"]
