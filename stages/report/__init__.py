"""Stage 6: shows what was found, from the artifacts alone."""
