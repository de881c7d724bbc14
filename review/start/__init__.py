"""The start page: all data sets, what is to be done with each, and the commands that do it."""
