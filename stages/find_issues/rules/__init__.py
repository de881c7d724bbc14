"""Which rows are flagged: each file is a rule, which ``find_issues.flag`` in params.yaml calls by the file's name.

A file has:

- ``AUDIT_PLACE``: a number, by which the audit orders the rules that it compares, or None if it leaves this one out.
  The audit always measures the rule that the data set uses.
- ``flag(evidence, ranking, settings)``: takes the `Evidence` of m rows, their `Ranking`, and the section
  ``find_issues`` of params.yaml; returns which rows are flagged, (m,) bool. Rows that people have confirmed are never
  flagged, whatever it returns.

A rule's own parameters are keys in ``settings.py``: those are read where no rule, and so no cleanlab, is loaded.
"""
