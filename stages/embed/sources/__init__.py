"""What brings rows to vectors: a module is a source, and its name, with hyphens, is the prefix in params.yaml.

A module has ``KINDS``, the kinds of rows that it is for; ``ARGUMENT``, what stands behind the prefix, or nothing; and
``embed(argument, rows, settings)``, which returns an `Embedded`.
"""
