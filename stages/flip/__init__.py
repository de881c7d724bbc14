"""For the data sets in `audited`: flips labels on purpose, and has them cross-validated like the given ones."""
