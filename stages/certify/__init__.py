"""Stage 5b: says how many labels are wrong at most, from the rows that were drawn and looked at."""
