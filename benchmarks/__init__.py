"""Where README's figures come from: each script prints its table with the conditions it was measured under."""
