"""The cleaned data set: who or what decided on each label, and where its pictures are."""

# what the column decided_by holds; it is empty for a row that nobody decided on and that is not flagged
PEOPLE, RULE = "people", "rule"
# says in which archive pictures in files are, so that nothing holds them twice
PICTURES = "pictures.json"
