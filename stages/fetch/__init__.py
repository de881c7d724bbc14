"""Stage 1: brings a data set's features, given labels and ids here from the first source that has them."""
