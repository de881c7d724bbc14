"""Measures, for the data sets in `audited`, how well labels that were flipped on purpose are found."""
