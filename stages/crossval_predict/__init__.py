"""Trains a model by cross-validation and predicts every row by one that has not seen it."""
