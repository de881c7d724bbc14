"""Where the figures of README and docs come from: each script prints its table and the conditions of measuring."""
