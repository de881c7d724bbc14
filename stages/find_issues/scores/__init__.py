"""How rows are ranked: each file is a score, which ``find_issues.rank_by`` in params.yaml calls by the file's name.

A file has:

- ``AUDIT_PLACE``: a number, by which the audit orders the scores, or None if the audit leaves it out.
- ``score(evidence)``: takes the `Evidence` of m rows and returns their label quality, (m,) float, from 0 for labels
  that are surely wrong to 1.
"""
