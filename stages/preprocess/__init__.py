"""Stage 2: makes a data set ready for a model."""
