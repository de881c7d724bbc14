"""For the data sets in `compared`: trains on the given and on the cleaned labels, and says whether cleaning helped."""
