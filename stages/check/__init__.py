"""The first stage: checks a data set's block of params.yaml, so that no mistake in it is found after an hour."""
