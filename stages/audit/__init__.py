"""Stage 7, for the data sets in `audited`: flips labels on purpose, and measures how well the pipeline finds them."""
