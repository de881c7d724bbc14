"""Stage 3: trains a network by cross-validation and predicts every row by one that has not seen it."""
