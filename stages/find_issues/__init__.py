"""Stage 4: ranks the labels by the out-of-sample probabilities, and flags those that look wrong."""
