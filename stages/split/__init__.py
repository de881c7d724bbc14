"""The step before the training: chooses the labels to train on, and says which fold holds each row out."""
