"""How many labels are wrong at most, from rows drawn at random: the plan, the bound, and what it says."""
