"""A folder beside a data set in which stages run on other labels, away from its results."""
