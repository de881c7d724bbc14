"""The cleaned labels: who or what decided on each."""

# what the column decided_by holds; it is empty for a row that nobody decided on and that is not flagged
PEOPLE, RULE = "people", "rule"
