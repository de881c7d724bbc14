"""For the data sets in `audited`: measures how well the labels that were flipped on purpose are found."""
