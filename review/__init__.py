"""The page where a person decides: `python -m review digits`."""
