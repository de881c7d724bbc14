"""Stage 5: makes the cleaned labels from the given ones, what people decided, and a rule for the rest."""
