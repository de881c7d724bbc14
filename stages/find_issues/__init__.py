"""Stage 4: hands the out-of-sample probabilities to cleanlab, and flags the rows that look mislabelled."""
